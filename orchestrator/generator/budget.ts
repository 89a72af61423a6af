import { TraitlineError } from '../contract/errors.ts'
import type { CustomerPurchases, Purchase, PurchaseBook } from './purchase.ts'
import { meanEvents, mostEvents } from './session.ts'

/** What share of the events goes where; the rest is customers' browsing. */
const shares = { orders: 0.4, visitors: 0.1 }

/** The days that events are made for, and what there is to do in them. */
export interface Tracking {
  /** The first day with events. */
  readonly from: number
  /** The day after the last. */
  readonly until: number
  /** The first day whose purchases have events: before it, the shop was not tracked. */
  readonly purchasesFrom: number
  readonly purchases: number
  /** Sum of `browsingWeight` over all customers. */
  readonly weight: number
}

export interface TrackingOptions {
  readonly events: number
  /** Null: as early as the number of events allows. */
  readonly from: number | null
  readonly until: number
}

/** Walks the book once and decides how far back the events reach. */
export function planTracking(book: PurchaseBook, options: TrackingOptions): Tracking {
  const days = countDays(book, options.until)
  const purchasesFrom = options.from ?? earliestDay(days, options)
  const from = Math.min(purchasesFrom, options.until - 1)
  let purchases = 0
  let weight = 0
  for (const customer of book.customers()) {
    const tracked = trackedPurchases(customer, { purchasesFrom, until: options.until })
    purchases += tracked.length
    weight += browsingWeight(customer, tracked)
  }
  return { from, until: options.until, purchasesFrom, purchases, weight }
}

export function trackedPurchases(
  customer: CustomerPurchases,
  days: Pick<Tracking, 'purchasesFrom' | 'until'>,
): Purchase[] {
  return customer.purchases.filter(({ day }) => day >= days.purchasesFrom && day < days.until)
}

/** How much a customer browses, relative to others: who buys looks more, and nobody is quite gone. */
export function browsingWeight(customer: CustomerPurchases, tracked: readonly Purchase[]): number {
  return 0.3 + 0.1 * Math.min(10, customer.purchases.length) + tracked.length
}

/**
 * Spends the events that are left on the customers that are left, so that the total comes out exact: what one customer
 * got too much of, the others get less of, and visitors without an account take what remains.
 */
export class Budget {
  private left: number
  private purchases: number
  private weight: number
  private readonly visitors: number

  constructor(events: number, tracking: Tracking) {
    this.left = events
    this.purchases = tracking.purchases
    this.weight = tracking.weight
    this.visitors = events * shares.visitors
  }

  get events(): number {
    return this.left
  }

  /** How many browsing visits a customer of this weight has on average. */
  visits(weight: number): number {
    const forBrowsing = this.left - this.visitors - this.purchases * meanEvents.order
    if (forBrowsing <= 0 || this.weight <= 0) return 0
    return ((forBrowsing / meanEvents.browsing) * weight) / this.weight
  }

  /** Whether the orders that are still to come can be paid afterwards, even if their visits are long. */
  affords(events: number, purchases: number): boolean {
    const orders = this.purchases - purchases
    const reserve = Math.min(orders * mostEvents, orders * meanEvents.order + 40 * Math.sqrt(orders))
    return this.left - events >= reserve
  }

  spend(events: number, purchases: number, weight: number): void {
    this.left -= events
    this.purchases -= purchases
    this.weight -= weight
    if (this.left < 0) throw tooFew()
  }
}

function countDays(book: PurchaseBook, until: number): Map<number, number> {
  const days = new Map<number, number>()
  for (const customer of book.customers()) {
    for (const { day } of customer.purchases) if (day < until) days.set(day, (days.get(day) ?? 0) + 1)
  }
  return days
}

function earliestDay(days: ReadonlyMap<number, number>, options: TrackingOptions): number {
  const affordable = (options.events * shares.orders) / meanEvents.order
  let from = options.until
  let purchases = 0
  for (const [day, count] of [...days].sort(([a], [b]) => b - a)) {
    purchases += count
    if (purchases > affordable) return from
    from = day
  }
  return Math.min(from, options.until - 30)
}

function tooFew(): TraitlineError {
  return new TraitlineError({
    code: 'GENERATOR_TOO_FEW_EVENTS',
    message: 'the purchases of the period alone need more events than asked for',
    hint: `Ask for at least ${Math.ceil(meanEvents.order / shares.orders)} events a purchase, or for a shorter period.`,
    blame: 'user',
  })
}
