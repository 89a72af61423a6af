import fc from 'fast-check'
import { expect } from 'vitest'
import type { JsonObject, SyncMode } from '../../orchestrator/contract/index.ts'
import { type Member, syncWorld } from './activities.fixture.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

type Source = Readonly<Record<string, number>>

/** What is at the destination after the last run, which is calm: by key, the value that was last written there. */
type Holds = (
  held: Readonly<Record<string, JsonObject>>,
  last: Source,
  seen: ReadonlyMap<string, Set<number>>,
  /** Keys of what was ever asked for there. */
  asked: ReadonlySet<string>,
) => void

const valuesOf = (held: Parameters<Holds>[0]): Source =>
  Object.fromEntries(Object.entries(held).map(([id, data]) => [id, Number(data['lifetime_value'])]))

/** Exactly the source: what left has gone, and nothing was lost or changed. */
const equal: Holds = (held, last) => expect(valuesOf(held)).toEqual(last)

/** All of the source as it is, and of what left something that the source once had. */
const keeps: Holds = (held, last, seen) => {
  const values = valuesOf(held)
  expect(values).toMatchObject(last)
  for (const [id, value] of Object.entries(values)) expect(seen.get(id)).toContain(value)
}

/** All of the source was asked to go, and nothing of it is there. */
const gone: Holds = (held, last, _, asked) => {
  expect(held).toEqual({})
  expect(Object.keys(last).filter((id) => !asked.has(id))).toEqual([])
}

const outcomes = {
  mirror: equal,
  members: equal,
  upsert: keeps,
  update: keeps,
  add: keeps,
  delete: gone,
  remove: gone,
} as const satisfies Readonly<Partial<Record<SyncMode, Holds>>>

/** Modes that end where the source ends, whatever happened on the way. */
export type ConvergingMode = keyof typeof outcomes
export const convergingModes = Object.keys(outcomes) as ConvergingMode[]

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
  /** The mapping reads another column, so that every row is a change. */
  tiered: fc.boolean(),
})

const fields = [
  { field: 'customer_id', value: { type: 'key' } },
  // A list's member is told by what it is mapped to: the value is there in removals too, as the key's part.
  { field: 'lifetime_value', value: { type: 'trait', trait: 'trait/lifetime_value' } },
] as const
const tier = { field: 'tier', value: { type: 'trait', trait: 'trait/tier' } } as const

/**
 * Plays random histories: changes of the source and of the mapping, rows that are rejected, programs that die before and
 * after what they were given took effect, acknowledgements of every kind. After a last, calm run the destination holds
 * what the mode promises, and the ledger agrees.
 */
export async function playHistories(mode: ConvergingMode, numRuns: number): Promise<void> {
  const holds: Holds = outcomes[mode]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), async (history) => {
      const world = await syncWorld({ mode })
      const seen = new Map<string, Set<number>>()
      const members = (source: Source): Member[] =>
        Object.entries(source).map(([id, value]) => ({ id, value, tier: 'gold' }))
      for (const { source, attempts, declares, tiered, ...script } of history) {
        for (const [id, value] of Object.entries(source)) seen.set(id, (seen.get(id) ?? new Set()).add(value))
        await world.source(members(source))
        world.define({ mapping: tiered ? [...fields, tier] : fields })
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
      const asked = new Set((await world.applied()).map(({ key }) => key))
      holds(await world.destination(), source, seen, asked)
      // The ledger agrees: all of the source is settled, and of the rest only what the mode leaves there.
      const ledger = new Map((await world.delivered()).map((line) => line.split(' ') as [string, string]))
      for (const id of Object.keys(source)) expect(['unknown', undefined]).not.toContain(ledger.get(id))
      if (holds === equal) expect([...ledger.keys()]).toEqual(Object.keys(source).sort())
      expect((await world.run()).outcome?.assets[0]?.status).toBe('fresh')
      expect(await world.spools()).toEqual([])
    }),
    { numRuns, endOnFailure: true },
  )
}
