import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inParallel, momentOf, nestedOf, rowId, sendJudged, type Verdict } from './index.ts'

const poison = { code: 'poison', message: 'refused' }

interface Vendor {
  readonly bad: ReadonlySet<number>
  /** How much it says: names each bad item, some of them, or none; takes the others or refuses the request. */
  readonly names: 'all' | 'one' | 'none'
  readonly takesOthers: boolean
}

function vendorOf({ bad, names, takesOthers }: Vendor, stored: number[]) {
  return async (items: readonly number[]): Promise<Verdict> => {
    const wrong = items.flatMap((item, index) => (bad.has(item) ? [index] : []))
    const named = names === 'all' ? wrong : names === 'one' ? wrong.slice(0, 1) : []
    const refused = new Map(named.map((index) => [index, poison]))
    const takes = wrong.length === 0 || (takesOthers && names === 'all')
    if (takes) stored.push(...items.filter((item) => !bad.has(item)))
    return { refused, whole: takes ? null : poison }
  }
}

test('whatever a vendor says, each bad item is refused, and each other one taken once', async () => {
  const vendor = fc.record({
    bad: fc.uniqueArray(fc.nat(40), { maxLength: 12 }).map((items) => new Set(items)),
    names: fc.constantFrom('all' as const, 'one' as const, 'none' as const),
    takesOthers: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(vendor, fc.nat(40), async (one, count) => {
      const items = Array.from({ length: count }, (_, item) => item)
      const stored: number[] = []
      const refused: number[] = []
      let taken = 0
      await sendJudged(items, vendorOf(one, stored), {
        taken: (some) => (taken += some),
        refused: (item) => refused.push(item),
      })
      expect(refused.toSorted((a, b) => a - b)).toEqual(items.filter((item) => one.bad.has(item)))
      expect(stored).toEqual(items.filter((item) => !one.bad.has(item)))
      expect(taken).toBe(stored.length)
    }),
  )
})

test('work in parallel keeps to its width, begins nothing after a failure, and ends before it is thrown', async () => {
  let running = 0
  let most = 0
  const ended: number[] = []
  const work = async (item: number): Promise<void> => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running -= 1
    if (item === 3) throw new Error('three')
    ended.push(item)
  }
  await inParallel([1, 2, 4, 5], 2, work)
  expect(ended.toSorted()).toEqual([1, 2, 4, 5])
  expect(most).toBe(2)
  await expect(inParallel([1, 2, 3, 4, 5, 6, 7, 8], 2, work)).rejects.toThrow('three')
  expect(running).toBe(0)
  expect(ended).not.toContain(8)
})

test('a row has the same id when its batch is sent again, and another one everywhere else', () => {
  const id = rowId({ id: 'run:1' }, { ordinal: 7 })
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(rowId({ id: 'run:1' }, { ordinal: 7 })).toBe(id)
  expect(rowId({ id: 'run:1' }, { ordinal: 8 })).not.toBe(id)
  expect(rowId({ id: 'run:2' }, { ordinal: 7 })).not.toBe(id)
  expect(rowId({ id: null }, { ordinal: 7 })).not.toBe(rowId({ id: null }, { ordinal: 7 }))
})

test('values as vendors want them', () => {
  expect(momentOf('2026-01-02T03:04:05')?.toISOString()).toBe('2026-01-02T03:04:05.000Z')
  expect(momentOf('2026-01-02T03:04:05+02:00')?.toISOString()).toBe('2026-01-02T01:04:05.000Z')
  expect(momentOf('yesterday')).toBeNull()
  expect(nestedOf('{"a": 1}')).toEqual({ a: 1 })
  expect([nestedOf(null), nestedOf('no'), nestedOf([1])]).toEqual([undefined, null, null])
})
