import type { CustomerPurchases, Purchase, PurchaseBook } from './purchase.ts'
import { Random } from './random.ts'
import { dayOf } from './time.ts'

/** Customers who do not exist, and what they buy. */
export interface SyntheticCustomers {
  readonly customers: number
  readonly seed: number
  /** The first day, `YYYY-MM-DD`. */
  readonly from: string
  /** The day after the last, `YYYY-MM-DD`. */
  readonly until: string
}

/**
 * How customers differ, as Fader, Hardie and Lee fitted their BG/NBD model to the CDNOW data ("Counting your
 * customers" the easy way, Marketing Science 24(2), 2005): purchases a week are gamma distributed over the customers,
 * and so, by a beta distribution, is the chance of leaving for good after a purchase.
 */
const bgNbd = { shape: 0.243, weeks: 4.414, leave: 0.793, stay: 2.426 }

/** First purchases fall into this share of the period: a cohort, as in the CDNOW data. */
const acquisition = 1 / 6

const prices: readonly [number, ...number[]] = [11.77, 12.99, 13.97, 14.37, 14.96, 15.49, 16.99]

/**
 * Purchases of synthetic customers, customer by customer and by day.
 *
 * ```ts
 * for (const purchase of generatePurchases({ customers: 1000, seed: 1, from: '1997-01-01', until: '1998-07-01' })) ...
 * ```
 *
 * A customer's purchases depend on the seed and on their number, not on how many others there are.
 */
export function* generatePurchases(options: SyntheticCustomers): Generator<Purchase> {
  for (const customer of syntheticBook(options).customers()) yield* customer.purchases
}

/** The same purchases as a book: made anew on each walk, so nothing is kept in memory. */
export function syntheticBook(options: SyntheticCustomers): PurchaseBook {
  const from = dayOf(options.from)
  const until = dayOf(options.until)
  return {
    *customers() {
      for (let number = 1; number <= options.customers; number++) {
        yield purchasesOf(String(number).padStart(5, '0'), options.seed, from, until)
      }
    },
  }
}

function purchasesOf(customerId: string, seed: number, from: number, until: number): CustomerPurchases {
  const random = new Random(seed, 'purchases', customerId)
  const weekly = random.gamma(bgNbd.shape, bgNbd.weeks)
  const leaves = random.beta(bgNbd.leave, bgNbd.stay)
  const taste = 1 + random.gamma(1.2, 1)
  const purchases: Purchase[] = []
  let at = from + random.uniform() * Math.max(1, (until - from) * acquisition)
  while (at < until) {
    purchases.push(purchase(random, customerId, Math.floor(at), taste))
    if (random.chance(leaves)) break
    at += 7 * random.exponential(weekly)
  }
  return { customerId, purchases }
}

function purchase(random: Random, customerId: string, day: number, taste: number): Purchase {
  const quantity = 1 + random.poisson(taste - 1)
  let cents = 0
  for (let disc = 0; disc < quantity; disc++) cents += Math.round(random.pick(prices) * 100)
  return { customerId, day, quantity, amount: cents / 100 }
}
