import { TraitlineError } from '../contract/errors.ts'
import { Budget, browsingWeight, planTracking, trackedPurchases, type Tracking } from './budget.ts'
import type { WebEvent } from './event.ts'
import { readBook } from './purchase-book.ts'
import type { CustomerPurchases, Purchase, PurchaseBook } from './purchase.ts'
import { syntheticBook, type SyntheticCustomers } from './purchases.ts'
import { Random } from './random.ts'
import { visitEvents } from './session.ts'
import { createShopper } from './shopper.ts'
import { dayMs, dayOf } from './time.ts'
import { planVisits } from './visits.ts'

export interface EventOptions {
  /** Purchases by ascending customer_id, or customers to make up. */
  readonly purchases: Iterable<Purchase> | AsyncIterable<Purchase> | SyntheticCustomers
  /** How many rows to make: exactly so many, repeated deliveries included. */
  readonly events: number
  readonly seed: number
  /** The first day, `YYYY-MM-DD`; without it, as early as the number of events allows. */
  readonly from?: string
  /** The day after the last, `YYYY-MM-DD`. */
  readonly until: string
}

/**
 * Simulated browsing around purchases, in the shape of Snowplow's atomic.events: each purchase of the period is an
 * order on its day, with the visit that leads to it; before and between, customers look around, fill carts and leave
 * them; they are anonymous until they log in on a browser; visitors without an account come and go.
 *
 * ```ts
 * for await (const events of generateEvents({ purchases, events: 80_000, seed: 1, until: '1998-07-01' })) {
 *   // all events of one customer, visit by visit
 * }
 * ```
 *
 * The same purchases and numbers give the same events, however the purchases arrive. Memory holds the given purchases
 * and one customer's events; made-up customers are never held.
 */
export async function* generateEvents(options: EventOptions): AsyncGenerator<readonly WebEvent[]> {
  if (!Number.isSafeInteger(options.events) || options.events < 1) throw badCount()
  const book = isSynthetic(options.purchases) ? syntheticBook(options.purchases) : await readBook(options.purchases)
  const tracking = planTracking(book, {
    events: options.events,
    from: options.from === undefined ? null : dayOf(options.from),
    until: dayOf(options.until),
  })
  const budget = new Budget(options.events, tracking)
  yield* customersEvents(book, tracking, budget, options.seed)
  yield* visitorsEvents(tracking, budget, options.seed)
}

function* customersEvents(book: PurchaseBook, tracking: Tracking, budget: Budget, seed: number) {
  for (const customer of book.customers()) {
    const tracked = trackedPurchases(customer, tracking)
    const weight = browsingWeight(customer, tracked)
    const eventsWith = (visits: number) => customerEvents(customer, tracked, visits, tracking, seed)
    const wished = eventsWith(budget.visits(weight))
    const events = budget.affords(wished.length, tracked.length) ? wished : eventsWith(0)
    budget.spend(events.length, tracked.length, weight)
    if (events.length > 0) yield events
  }
}

function customerEvents(
  customer: CustomerPurchases,
  tracked: readonly Purchase[],
  meanVisits: number,
  tracking: Tracking,
  seed: number,
): WebEvent[] {
  const random = new Random(seed, 'customer', customer.customerId)
  const browsing = random.poisson(meanVisits)
  if (tracked.length + browsing === 0) return []
  const firstPurchase = customer.purchases[0]
  const accountSince = firstPurchase === undefined ? Infinity : (firstPurchase.day + 1) * dayMs
  const shopper = createShopper(random, customer.customerId, accountSince)
  const visits = planVisits(random, tracked, browsing, tracking)
  return visits.flatMap((visit) => visitEvents(random, shopper, visit))
}

function* visitorsEvents(tracking: Tracking, budget: Budget, seed: number) {
  for (let number = 1; budget.events > 0; number++) {
    const random = new Random(seed, 'visitor', number)
    const shopper = createShopper(random, null, Infinity)
    const visits = planVisits(random, [], 1 + random.poisson(0.6), tracking)
    const events = visits.flatMap((visit) => visitEvents(random, shopper, visit)).slice(0, budget.events)
    budget.spend(events.length, 0, 0)
    yield events
  }
}

function isSynthetic(purchases: EventOptions['purchases']): purchases is SyntheticCustomers {
  return 'customers' in purchases
}

function badCount(): TraitlineError {
  return new TraitlineError({
    code: 'GENERATOR_BAD_COUNT',
    message: 'the number of events is not a whole number above zero',
    hint: 'Ask for a number such as 80000.',
    blame: 'user',
  })
}
