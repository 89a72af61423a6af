import type { Purchase } from './purchase.ts'
import type { Random } from './random.ts'
import type { Visit } from './session.ts'
import { compactDay } from './time.ts'

const hourMs = 3_600_000

/**
 * Hours in UTC. Orders fall between noon and 23:00, which is the same day in New York as in UTC, so that an order's
 * day is the purchase's day in either.
 */
const openFrom = 12
const hoursOpen = 11

/**
 * A customer's visits by time: one for each purchase on its day, and `browsing` others. A visit has an hour of the
 * calendar to itself and ends within it.
 */
export function planVisits(
  random: Random,
  purchases: readonly Purchase[],
  browsing: number,
  days: { readonly from: number; readonly until: number },
): Visit[] {
  const taken = new Set<number>()
  const visits = orderVisits(random, purchases, taken)
  for (let number = 0; number < browsing; number++) {
    const slot = freeSlot(random, purchases, taken, days)
    if (slot !== null) visits.push({ start: startIn(random, slot), order: null })
  }
  return visits.sort((a, b) => a.start - b.start)
}

function orderVisits(random: Random, purchases: readonly Purchase[], taken: Set<number>): Visit[] {
  let onDay = 0
  return purchases.map((purchase, index) => {
    onDay = purchases[index - 1]?.day === purchase.day ? onDay + 1 : 0
    const hour = (onDay === 0 ? random.between(0, 2) : 2 + onDay) % hoursOpen
    const slot = purchase.day * 24 + openFrom + hour
    taken.add(slot)
    const id = `${purchase.customerId}-${compactDay(purchase.day)}-${onDay + 1}`
    return { start: startIn(random, slot), order: { id, purchase } }
  })
}

/** Half of the browsing of those who bought is in the week before a purchase. */
function freeSlot(
  random: Random,
  purchases: readonly Purchase[],
  taken: Set<number>,
  days: { readonly from: number; readonly until: number },
): number | null {
  const [first, ...others] = purchases
  for (let attempt = 0; attempt < 8; attempt++) {
    const lead = first !== undefined && random.chance(0.5)
    const day = lead
      ? Math.max(days.from, random.pick([first, ...others]).day - random.between(1, 7))
      : random.between(days.from, days.until - 1)
    const slot = day * 24 + random.between(openFrom, 23)
    if (taken.has(slot)) continue
    taken.add(slot)
    return slot
  }
  return null
}

function startIn(random: Random, slot: number): number {
  return slot * hourMs + random.between(0, hourMs / 6)
}
