import type { WebEvent } from './event.ts'
import type { Purchase } from './purchase.ts'
import type { Random } from './random.ts'
import { SessionLog, type Page } from './session-log.ts'
import { pickBrowser, pickGenre, type Browser, type Shopper } from './shopper.ts'

/** One visit to the shop, and the order that it ends with, if any. */
export interface Visit {
  /** Milliseconds since 1970-01-01, UTC. */
  readonly start: number
  readonly order: { readonly id: string; readonly purchase: Purchase } | null
}

/** Events that a visit with an order, and one without, has on average: what planning reckons with. */
export const meanEvents = { order: 11.5, browsing: 5.2 }

/** More than any visit has. */
export const mostEvents = 24

const home: Page = { path: '/', title: 'Discs' }
const cart: Page = { path: '/cart', title: 'Your cart' }
const login: Page = { path: '/login', title: 'Log in' }
const checkout: Page = { path: '/checkout', title: 'Checkout' }
const thanks: Page = { path: '/checkout/done', title: 'Thank you' }

/** What happens on a visit. At most some twenty events, so a visit ends within half an hour. */
export function visitEvents(random: Random, shopper: Shopper, visit: Visit): WebEvent[] {
  const browser = pickBrowser(random, shopper)
  const log = new SessionLog(random, shopper, browser, visit.start)
  log.view(home)
  if (visit.order === null) browse(random, shopper, browser, visit, log)
  else buy(random, shopper, browser, visit.order, log)
  return log.events
}

function buy(
  random: Random,
  shopper: Shopper,
  browser: Browser,
  order: NonNullable<Visit['order']>,
  log: SessionLog,
): void {
  if (random.chance(0.5)) look(random, shopper, log)
  const discs = Math.max(1, Math.min(3, order.purchase.quantity))
  for (let disc = 0; disc < discs; disc++) addToCart(random, shopper, log)
  log.view(cart)
  logIn(browser, log)
  log.view(checkout)
  log.struct({ category: 'ecommerce', action: 'checkout', label: order.id })
  log.view(thanks)
  log.transaction(order.id, order.purchase.amount)
}

/** Looks around, and often leaves a filled cart behind. */
function browse(random: Random, shopper: Shopper, browser: Browser, visit: Visit, log: SessionLog): void {
  const hasAccount = shopper.customerId !== null && visit.start >= shopper.accountSince
  if (hasAccount && random.chance(0.5)) logIn(browser, log)
  const pages = 1 + Math.min(6, random.poisson(1.6))
  for (let page = 0; page < pages; page++) look(random, shopper, log)
  if (!random.chance(0.3)) return
  addToCart(random, shopper, log)
  if (random.chance(0.6)) log.view(cart)
  if (hasAccount && random.chance(0.5)) {
    logIn(browser, log)
    log.view(checkout)
    log.struct({ category: 'ecommerce', action: 'checkout' })
  }
}

function logIn(browser: Browser, log: SessionLog): void {
  if (browser.loggedIn) return
  log.view(login)
  log.login()
}

function look(random: Random, shopper: Shopper, log: SessionLog): void {
  const genre = pickGenre(random, shopper)
  if (random.chance(0.5)) log.view({ path: `/genre/${genre}`, title: genre })
  else log.view(album(genre, random.between(1, 400)))
}

function addToCart(random: Random, shopper: Shopper, log: SessionLog): void {
  const genre = pickGenre(random, shopper)
  const number = random.between(1, 400)
  log.view(album(genre, number))
  log.struct({
    category: 'ecommerce',
    action: 'add_to_cart',
    label: `${genre}-${number}`,
    property: genre,
    value: random.pick([11.77, 12.99, 14.96, 16.99]),
  })
}

function album(genre: string, number: number): Page {
  return { path: `/album/${genre}/${number}`, title: `Album ${number}` }
}
