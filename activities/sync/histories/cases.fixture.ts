import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { syncRequests } from '../../../orchestrator/contract/index.ts'
import type { Dialect } from '../../../orchestrator/sql/statement.ts'
import { type Engine, engines } from '../../../orchestrator/sql/sync.engines.fixture.ts'
import { type ComparingMode, Model, type Outcome, promises, type Sent } from './model.fixture.ts'
import { syncWorld } from '../world.fixture.ts'

const keys = ['a', 'b', 'c', 'd', 'e']
const allModes = Object.keys(promises) as ComparingMode[]
const some = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('1', '2', '3'))

/** One run. */
const step = fc.record({
  source: some,
  twice: fc.subarray(keys, { maxLength: 1 }),
  /** What others do at the destination ahead of it: a value, or null for a row that they delete. */
  others: fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('x', null), { maxKeys: 2 }),
  request: fc.option(fc.constantFrom(...syncRequests), { freq: 5 }),
  rejects: fc.subarray(keys, { maxLength: 2 }),
  /** Batches of two rows that were claimed, those of them that took effect, and those that were answered. */
  claimed: fc.constantFrom(0, 1, 2, 99, 99),
  applied: fc.constantFrom(0, 1, 2, 99),
  answered: fc.constantFrom(0, 1, 2, 99),
  /** The destination knows a batch that it is given again. */
  knows: fc.boolean(),
  /** Merges are cut off, and made again. */
  merges: fc.integer({ min: 1, max: 2 }),
})

/** A history costs tenths of a second on a busy machine. */
const timeoutMs = 900_000

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Plays random histories of each mode on this engine, and of a sync whose mode changes. */
export function histories(dialect: Dialect, numRuns: number): void {
  let engine: Engine
  beforeAll(async () => {
    engine = await engines[dialect]()
  })
  afterAll(() => engine.close())

  async function play(history: readonly Step[], modes: readonly ComparingMode[]) {
    const world = await syncWorld(engine)
    const model = new Model()
    const calm: Omit<Step, 'source' | 'knows'> = {
      twice: [],
      others: {},
      request: null,
      rejects: [],
      claimed: 99,
      applied: 99,
      answered: 99,
      merges: 1,
    }
    const last: Step = { ...calm, source: history.at(-1)?.source ?? {}, knows: true }
    for (const [at, run] of [...history, last].entries()) {
      const mode = modes[at % modes.length] as ComparingMode
      for (const [key, value] of Object.entries(run.others)) {
        if (value === null) model.destination.delete(key)
        else model.destination.set(key, value)
      }
      const source = new Map(Object.entries(run.source))
      const twice = new Set(run.twice.filter((key) => source.has(key)))
      await world.source(
        [...source, ...[...twice].map((key) => [key, source.get(key) ?? ''] as const)].map(([key, value]) => ({
          key,
          value,
        })),
      )
      const planned = model.plan(mode, source, twice, run.request)
      const frozen = await world.freeze(mode, { rows: 2, ...(run.request !== null && { request: run.request }) })
      expect(frozen.rows.map(({ operation, key, value }): Sent => ({ operation, key, value }))).toEqual(planned)

      const batches = [...new Set(frozen.rows.map(({ batch }) => batch))].slice(0, run.claimed)
      const exceptions: { ordinal: number; fate: 'rejected' | 'skipped' | 'unknown' }[] = []
      const ends = batches.map((batch, index) => {
        const answered = index < run.answered
        // What is answered took effect.
        const took = answered || index < run.applied
        for (const { ordinal, operation, key, value } of frozen.rows.filter((row) => row.batch === batch)) {
          const sent: Sent = { operation, key, value }
          const reached: Outcome = run.rejects.includes(key) ? 'rejected' : took ? model.reach(sent) : 'unknown'
          const outcome = answered ? reached : 'unknown'
          model.learn(sent, outcome, run.knows)
          if (answered && reached !== 'accepted' && reached !== 'unknown') exceptions.push({ ordinal, fate: reached })
        }
        const open = run.knows || mode !== 'insert' ? ('open' as const) : ('unknown' as const)
        return { batch, state: answered ? ('acknowledged' as const) : open }
      })
      for (let merge = 0; merge < run.merges; merge++) await world.merge(frozen, { batches: ends, exceptions })
      const ledger = (await world.delivered()).map((line) => line.split(' ')[0])
      expect(ledger).toEqual([...model.beliefs.keys()].sort())
    }
    return model
  }

  test.each(allModes)(
    '%s: every run of any history sends what it promises, and the ledger agrees',
    async (mode) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (history) => {
          // Others stay away here, so that what is at the destination is the mode's doing alone.
          const alone = history.map((run) => ({
            ...run,
            others: {},
            request: run.request === 'resync' ? run.request : null,
          }))
          const { destination } = await play(alone, [mode])
          const source = Object.entries(history.at(-1)?.source ?? {})
          const held = Object.fromEntries(destination)
          if (mode === 'mirror' || mode === 'members') expect(held).toEqual(Object.fromEntries(source))
          if (mode === 'upsert' || mode === 'add') expect(held).toMatchObject(Object.fromEntries(source))
          if (mode === 'update' || mode === 'delete' || mode === 'remove') expect(held).toEqual({})
          await play(history, [mode])
        }),
        { numRuns },
      )
    },
    timeoutMs,
  )

  test(
    'the same of a sync whose mode changes',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 2, maxLength: 5 }),
          fc.array(fc.constantFrom(...allModes), { minLength: 2, maxLength: 3 }),
          async (history, modes) => {
            await play(history, modes)
          },
        ),
        { numRuns: 2 * numRuns },
      )
    },
    timeoutMs,
  )
}
