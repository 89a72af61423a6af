import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Member, syncWorld } from './activities.fixture.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

test('a mirror’s destination equals its source after any history of changes and of programs that die', async () => {
  const step = fc.record({
    source: fc.dictionary(fc.constantFrom(...ids), fc.integer({ min: 0, max: 3 })),
    dieAtRandom: fc.constantFrom(0, 0.3, 0.7),
    seed: fc.nat(),
    batch: fc.integer({ min: 1, max: 3 }),
    transactional: fc.boolean(),
    stats: fc.constantFrom('detailed', 'counts', 'none'),
    declares: fc.boolean(),
    reject: fc.subarray(ids, { maxLength: 1 }),
    attempts: fc.integer({ min: 1, max: 2 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 4 }), async (history) => {
      const world = await syncWorld({ mode: 'mirror' })
      const members = (source: Record<string, number>): Member[] =>
        Object.entries(source).map(([id, value]) => ({ id, value, tier: 'gold' }))
      for (const { source, attempts, declares, ...script } of history) {
        await world.source(members(source))
        // What a destination drops without a word nobody can know of.
        const reject = script.stats === 'none' ? [] : script.reject
        await world.script({ ...script, reject, idempotent: declares ? true : null })
        // Emptying it is asked for here, so that the guard does not end the history.
        const { failure } = await world.run({ attempts, force: true })
        expect(failure === null || failure.code.startsWith('CONNECTOR_'), failure?.message).toBe(true)
      }
      const source = history.at(-1)?.source ?? {}
      await world.source(members(source))
      await world.script({ idempotent: true })
      expect((await world.run({ force: true })).failure).toBeNull()
      const held = Object.entries(await world.destination()).map(([id, data]) => [id, data['lifetime_value']])
      expect(Object.fromEntries(held)).toEqual(source)
      expect(await world.delivered()).toEqual(
        Object.keys(source)
          .sort()
          .map((id) => `${id} upsert`),
      )
      expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
      expect(await world.spools()).toEqual([])
    }),
    { numRuns: 60, endOnFailure: true },
  )
}, 900_000)
