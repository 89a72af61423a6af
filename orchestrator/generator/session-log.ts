import { eventKinds, generatorVersion, simulatedTracker, type WebEvent } from './event.ts'
import type { Random } from './random.ts'
import type { Browser, Shopper } from './shopper.ts'
import { timestampText } from './time.ts'

/** One event in so many is delivered twice, as pipelines that deliver at least once do. */
const duplicates = 1 / 400

/** Milliseconds: events of a session are further apart than the latest delivery takes, so that they arrive in order. */
const gap = { least: 4_000, most: 70_000 }
const latency = { least: 20, most: 900, redelivery: 2_000 }

const host = 'shop.example'

export interface Page {
  readonly path: string
  readonly title: string
}

export interface StructuredEvent {
  readonly category: string
  readonly action: string
  readonly label?: string
  readonly property?: string
  readonly value?: number
}

/** The events of one visit as they happen, in order of time. */
export class SessionLog {
  readonly events: WebEvent[] = []
  private readonly random: Random
  private readonly shopper: Shopper
  private readonly browser: Browser
  private readonly blank: WebEvent
  private time: number
  private page: Page = { path: '/', title: 'Discs' }

  constructor(random: Random, shopper: Shopper, browser: Browser, start: number) {
    this.random = random
    this.shopper = shopper
    this.browser = browser
    this.time = start
    browser.sessions++
    this.blank = blankEvent(random, shopper, browser)
  }

  view(page: Page): void {
    this.page = page
    this.add(eventKinds.page_view, {})
  }

  struct(event: StructuredEvent): void {
    this.add(eventKinds.struct, {
      se_category: event.category,
      se_action: event.action,
      se_label: event.label ?? null,
      se_property: event.property ?? null,
      se_value: event.value ?? null,
    })
  }

  transaction(orderId: string, total: number): void {
    this.add(eventKinds.transaction, { tr_orderid: orderId, tr_total: total, tr_currency: 'USD' })
  }

  /** From here on the browser knows whose it is. */
  login(): void {
    this.browser.loggedIn = true
    this.struct({ category: 'account', action: 'login' })
  }

  private add(kind: (typeof eventKinds)[keyof typeof eventKinds], own: Partial<WebEvent>): void {
    const happened = timestampText(this.time)
    const collected = this.time + this.random.between(latency.least, latency.most)
    const event: WebEvent = {
      ...this.blank,
      ...kind,
      ...own,
      collector_tstamp: timestampText(collected),
      dvce_created_tstamp: happened,
      derived_tstamp: happened,
      event_id: this.random.uuid(),
      user_id: this.browser.loggedIn ? this.shopper.customerId : null,
      page_url: `http://${host}${this.page.path}`,
      page_title: this.page.title,
      page_urlpath: this.page.path,
    }
    this.events.push(event)
    if (this.random.chance(duplicates)) {
      const again = this.random.chance(0.5) ? collected : collected + this.random.between(1, latency.redelivery)
      this.events.push({ ...event, collector_tstamp: timestampText(again) })
    }
    this.time += this.random.between(gap.least, gap.most)
  }
}

/** What all events of a visit share; the rest is null until an event fills it. */
function blankEvent(random: Random, shopper: Shopper, browser: Browser): WebEvent {
  return {
    app_id: 'shop',
    platform: 'web',
    collector_tstamp: null,
    dvce_created_tstamp: null,
    event: null,
    event_id: null,
    name_tracker: simulatedTracker,
    v_tracker: `traitline-generator-${generatorVersion}`,
    user_id: null,
    domain_userid: browser.domainUserid,
    domain_sessionidx: browser.sessions,
    geo_country: shopper.country,
    page_url: null,
    page_title: null,
    page_urlscheme: 'http',
    page_urlhost: host,
    page_urlpath: null,
    refr_medium: random.pick(['search', 'internal', 'unknown', 'email']),
    se_category: null,
    se_action: null,
    se_label: null,
    se_property: null,
    se_value: null,
    tr_orderid: null,
    tr_total: null,
    tr_currency: null,
    useragent: browser.useragent,
    br_lang: 'en-us',
    dvce_type: browser.dvceType,
    domain_sessionid: random.uuid(),
    derived_tstamp: null,
    event_vendor: null,
    event_name: null,
    event_format: null,
    event_version: null,
  }
}
