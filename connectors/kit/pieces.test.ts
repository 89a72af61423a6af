import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pieces, sendHalving } from './index.ts'

test('pieces keep order and limits, and lose nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50)),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 60 }),
      (items, count, bytes) => {
        const cut = [...pieces(items, { count, bytes }, (item) => item)]
        expect(cut.flat()).toEqual(items)
        for (const piece of cut) {
          expect(piece.length).toBeGreaterThan(0)
          expect(piece.length).toBeLessThanOrEqual(count)
          if (piece.length > 1) expect(piece.reduce((sum, item) => sum + item, 0)).toBeLessThanOrEqual(bytes)
        }
      },
    ),
  )
})

test('halving finds the poison, takes the rest in order, and asks little', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(1000), { maxLength: 64 }), fc.nat(3), async (items, poisoned) => {
      const poison = new Set(items.slice(0, poisoned))
      const taken: number[] = []
      const refused: number[] = []
      let asked = 0
      await sendHalving(
        items,
        (part) => {
          asked += 1
          if (part.some((item) => poison.has(item))) return Promise.resolve('poison')
          taken.push(...part)
          return Promise.resolve(null)
        },
        (item) => refused.push(item),
      )
      expect(taken).toEqual(items.filter((item) => !poison.has(item)))
      expect(refused).toEqual([...poison])
      expect(asked).toBeLessThanOrEqual(1 + poison.size * 2 * Math.ceil(Math.log2(Math.max(2, items.length))))
    }),
  )
})
