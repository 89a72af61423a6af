import { describe, expect, test } from 'vitest'
import { generatePurchases } from './index.ts'
import { dayOf } from './time.ts'

const options = { customers: 5_000, seed: 7, from: '1997-01-01', until: '1998-07-01' }
const purchases = [...generatePurchases(options)]

describe('made-up purchases', () => {
  test('are the same for a seed, and others for another', () => {
    expect([...generatePurchases(options)]).toEqual(purchases)
    expect([...generatePurchases({ ...options, seed: 8 })]).not.toEqual(purchases)
  })

  test('do not depend on how many other customers there are', () => {
    const few = [...generatePurchases({ ...options, customers: 10 })]
    expect(purchases.slice(0, few.length)).toEqual(few)
  })

  test('come by customer and day, within the period, everyone with at least one', () => {
    const ordered = [...purchases].sort((a, b) => a.customerId.localeCompare(b.customerId) || a.day - b.day)
    expect(purchases).toEqual(ordered)
    expect(new Set(purchases.map(({ customerId }) => customerId)).size).toBe(options.customers)
    expect(Math.min(...purchases.map(({ day }) => day))).toBeGreaterThanOrEqual(dayOf(options.from))
    expect(Math.max(...purchases.map(({ day }) => day))).toBeLessThan(dayOf(options.until))
    expect(purchases.every(({ quantity, amount }) => Number.isInteger(quantity) && quantity >= 1 && amount > 0)).toBe(
      true,
    )
  })

  test('are as many as such a shop sells: many buy once, a few very often', () => {
    const counts = new Map<string, number>()
    for (const { customerId } of purchases) counts.set(customerId, (counts.get(customerId) ?? 0) + 1)
    const once = [...counts.values()].filter((count) => count === 1).length / options.customers
    expect(purchases.length / options.customers).toBeGreaterThan(1.8)
    expect(purchases.length / options.customers).toBeLessThan(3.5)
    expect(once).toBeGreaterThan(0.4)
    expect(once).toBeLessThan(0.75)
    expect(Math.max(...counts.values())).toBeGreaterThan(15)
  })
})
