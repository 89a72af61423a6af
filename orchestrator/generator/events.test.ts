import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventColumns, generateEvents, generatePurchases, simulatedTracker, type EventOptions } from './index.ts'
import type { Purchase, WebEvent } from './index.ts'
import { compactDay, dayMs, dayOf } from './time.ts'

const from = '1998-01-01'
const until = '1998-04-01'

async function collect(options: EventOptions): Promise<WebEvent[]> {
  const all: WebEvent[] = []
  for await (const events of generateEvents(options)) all.push(...events)
  return all
}

async function* trickle(purchases: readonly Purchase[]): AsyncGenerator<Purchase> {
  for (const [index, purchase] of purchases.entries()) {
    if (index % 3 === 0) await Promise.resolve()
    yield purchase
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return [...groups.values()]
}

/** By ascending customer, several on one day now and then. */
const purchaseLists = fc
  .array(
    fc.record({
      customerId: fc.integer({ min: 1, max: 12 }).map((number) => String(number).padStart(5, '0')),
      day: fc.integer({ min: dayOf(from) - 40, max: dayOf(until) + 10 }),
      quantity: fc.integer({ min: 1, max: 6 }),
      amount: fc.integer({ min: 0, max: 20_000 }).map((cents) => cents / 100),
    }),
    { maxLength: 30 },
  )
  .map((purchases) => purchases.sort((a, b) => a.customerId.localeCompare(b.customerId)))

const seeds = fc.integer({ min: 0, max: 1_000_000 })
const runs = { numRuns: 60 }

describe('whatever the purchases, the number and the seed', () => {
  const cases = fc.record({ purchases: purchaseLists, events: fc.integer({ min: 900, max: 2_000 }), seed: seeds })

  test('the same input gives the same events, however the purchases arrive', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ purchases, events, seed }) => {
        const once = await collect({ purchases, events, seed, from, until })
        expect(await collect({ purchases: trickle(purchases), events, seed, from, until })).toEqual(once)
      }),
      runs,
    )
  })

  test('there are exactly so many events, within the period, and each says that it is simulated', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ purchases, events, seed }) => {
        const all = await collect({ purchases, events, seed, from, until })
        expect(all).toHaveLength(events)
        for (const event of all) {
          expect(event.name_tracker).toBe(simulatedTracker)
          expect(Object.keys(event)).toEqual(eventColumns)
          const happened = String(event.derived_tstamp)
          if (happened < from || happened >= until) throw new Error(`${happened} is outside of the period`)
        }
      }),
      runs,
    )
  })

  test('each purchase of the period is an order on its day in UTC and in New York, and no other order is there', async () => {
    const newYork = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' })
    await fc.assert(
      fc.asyncProperty(cases, async ({ purchases, events, seed }) => {
        const all = await collect({ purchases, events, seed, from, until })
        const orders = [...new Map(all.map((event) => [event.event_id, event])).values()]
          .filter((event) => event.event === 'transaction')
          .map((event) => `${event.user_id} ${String(event.derived_tstamp).slice(0, 10)} ${Number(event.tr_total)}`)
        for (const event of all) {
          if (event.event !== 'transaction') continue
          const happened = new Date(`${String(event.derived_tstamp).replace(' ', 'T')}Z`)
          expect(newYork.format(happened)).toBe(happened.toISOString().slice(0, 10))
        }
        const bought = purchases
          .filter(({ day }) => day >= dayOf(from) && day < dayOf(until))
          .map(
            ({ customerId, day, amount }) =>
              `${customerId} ${new Date(day * dayMs).toISOString().slice(0, 10)} ${amount}`,
          )
        expect(orders.sort()).toEqual(bought.sort())
      }),
      runs,
    )
  })

  test('events of a session arrive in order, on one browser, and sessions of a browser are counted from one', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ purchases, events, seed }) => {
        const all = await collect({ purchases, events, seed, from, until })
        const sessions = groupBy(all, (event) => event.domain_sessionid)
        for (const session of sessions) {
          const arrived = session.map((event) => String(event.collector_tstamp))
          expect(arrived).toEqual([...arrived].sort())
          expect(new Set(session.map((event) => event.domain_userid)).size).toBe(1)
        }
        for (const browser of groupBy(sessions, (session) => session[0]?.domain_userid)) {
          expect(browser.map((session) => session[0]?.domain_sessionidx)).toEqual(browser.map((_, index) => index + 1))
        }
      }),
      runs,
    )
  })

  test('a browser is anonymous before its first login, known from then on, and nobody logs in before a first purchase', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ purchases, events, seed }) => {
        const all = await collect({ purchases, events, seed, from, until })
        for (const browser of groupBy(all, (event) => event.domain_userid)) {
          const login = browser.findIndex((event) => event.se_action === 'login')
          const known = login === -1 ? [] : browser.slice(login)
          const anonymous = login === -1 ? browser : browser.slice(0, login)
          expect(anonymous.every((event) => event.user_id === null)).toBe(true)
          expect(known.every((event) => event.user_id !== null && event.user_id === known[0]?.user_id)).toBe(true)
          const customer = purchases.filter((purchase) => purchase.customerId === known[0]?.user_id)
          const first = Math.min(...customer.map((purchase) => purchase.day))
          if (known.length > 0) {
            const day = String(known[0]?.derived_tstamp).slice(0, 10).replaceAll('-', '')
            expect(day >= compactDay(first)).toBe(true)
          }
        }
      }),
      runs,
    )
  })
})

test('made-up customers buy the same things as in their file of purchases', async () => {
  const customers = { customers: 40, seed: 3, from: '1997-01-01', until }
  const options = { events: 4_000, seed: 5, until }
  const made = await collect({ ...options, purchases: customers })
  expect(made).toEqual(await collect({ ...options, purchases: generatePurchases(customers) }))
  expect(made).toHaveLength(4_000)
})

test('a few events are delivered twice, with the same id and all else but the time of arrival', async () => {
  const purchases = { customers: 200, seed: 1, from: '1997-01-01', until }
  const all = await collect({ purchases, events: 20_000, seed: 1, until })
  const twice = groupBy(all, (event) => event.event_id).filter((deliveries) => deliveries.length > 1)
  expect(twice.length).toBeGreaterThan(20)
  expect(twice.length).toBeLessThan(100)
  for (const deliveries of twice) {
    const [first, second] = deliveries.map((event) => ({ ...event, collector_tstamp: null }))
    expect(deliveries).toHaveLength(2)
    expect(second).toEqual(first)
  }
})

test('carts are abandoned, customers and visitors stay anonymous, and all genres are looked at', async () => {
  const purchases = { customers: 400, seed: 1, from: '1997-01-01', until }
  const all = await collect({ purchases, events: 20_000, seed: 1, until })
  const carts = groupBy(all, (event) => event.domain_sessionid).filter((session) =>
    session.some((event) => event.se_action === 'add_to_cart'),
  )
  const abandoned = carts.filter((session) => session.every((event) => event.event !== 'transaction'))
  expect(abandoned.length / carts.length).toBeGreaterThan(0.25)
  expect(abandoned.length / carts.length).toBeLessThan(0.9)
  const anonymous = all.filter((event) => event.user_id === null).length / all.length
  expect(anonymous).toBeGreaterThan(0.15)
  expect(anonymous).toBeLessThan(0.7)
  expect(new Set(all.map((event) => event.se_property))).toEqual(
    new Set([null, 'rock', 'pop', 'jazz', 'classical', 'country']),
  )
})

test('the smallest numbers work, with and without purchases', async () => {
  const purchases = [...generatePurchases({ customers: 50, seed: 2, from, until })]
  for (const events of [1, 2, 7, 100]) {
    expect(await collect({ purchases, events, seed: 1, until })).toHaveLength(events)
    expect(await collect({ purchases: [], events, seed: 1, until })).toHaveLength(events)
  }
})

describe('what cannot be', () => {
  const one: Purchase = { customerId: '00002', day: dayOf('1998-02-02'), quantity: 1, amount: 9.99 }
  const good = { purchases: [one], events: 100, seed: 1, until }

  test.each([
    ['GENERATOR_BAD_COUNT', { ...good, events: 0 }],
    ['GENERATOR_BAD_COUNT', { ...good, events: 1.5 }],
    ['GENERATOR_BAD_DATE', { ...good, until: 'tomorrow' }],
    ['GENERATOR_UNSORTED', { ...good, purchases: [one, { ...one, customerId: '00001' }] }],
    ['GENERATOR_BAD_CUSTOMER_ID', { ...good, purchases: [{ ...one, customerId: 'a,b' }] }],
    ['GENERATOR_TOO_FEW_EVENTS', { ...good, from, purchases: Array.from({ length: 50 }, () => one) }],
  ])('%s', async (code, options) => {
    await expect(collect(options)).rejects.toMatchObject({ code })
  })
})
