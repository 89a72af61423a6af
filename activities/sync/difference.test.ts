import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syncModes } from '../../orchestrator/contract/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import type { Dialect } from '../../orchestrator/sql/statement.ts'
import { type Engine, engines } from '../../orchestrator/sql/sync.engines.fixture.ts'
import { fitIdentifier, syncTables } from '../../orchestrator/sql/sync-names.ts'
import { modeGroups, modes, modesTable, type Situation, situations, type SituationName } from './modes.ts'
import { syncWorld } from './world.fixture.ts'

const dialects = Object.keys(engines) as Dialect[]

describe.each(dialects)('on %s', (dialect) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await engines[dialect]()
  })
  afterAll(() => engine.close())

  describe.each(syncModes)('mode %s', (mode) => {
    test.each(Object.keys(situations) as SituationName[])('%s', async (name) => {
      const { past, now, mappingChanged }: Situation = situations[name]
      const world = await syncWorld(engine)
      const at = (value: string | null) => (value === null ? [] : [{ key: 'k', value }])
      for (const { value, fate } of past) {
        await world.source(at(value))
        const frozen = await world.freeze(mode)
        await world.merge(frozen, {
          batches: frozen.rows.map(({ batch }) => ({ batch, state: fate === 'open' ? 'open' : 'acknowledged' })),
          exceptions:
            fate === 'accepted' || fate === 'open' ? [] : frozen.rows.map(({ ordinal }) => ({ ordinal, fate })),
        })
      }
      await world.source(at(now))
      const { rows } = await world.freeze(mode, { mapping: mappingChanged === true ? 'm2' : 'm1' })
      const { sends } = modes[mode].answers[name]
      expect(rows.map((row) => row.operation)).toEqual(sends === null ? [] : [sends])
    })
  })

  test('counts balance, null and duplicate keys stay out, and a duplicate that was delivered is not removed', async () => {
    const world = await syncWorld(engine)
    await world.source(['a', 'b', 'c', 'd'].map((key) => ({ key, value: '1' })))
    const first = await world.freeze('mirror')
    expect(first.counts).toMatchObject(numbers({ desired: 4, added: 4, changed: 0, removed: 0, batches: 2 }))
    expect(await world.merge(first)).toEqual({ 'upsert accepted': 4 })

    await world.source([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
      { key: 'c', value: '2' },
      { key: 'c', value: '2' },
      { key: 'e', value: '1' },
      { key: 'e', value: '1' },
      { key: null, value: '1' },
    ])
    const second = await world.freeze('mirror')
    expect(second.rows.map(({ ordinal, operation, key }) => [ordinal, operation, key])).toEqual([
      [1, 'delete', 'd'],
      [2, 'upsert', 'b'],
    ])
    expect(second.counts).toMatchObject(
      numbers({ desired: 7, null_keys: 1, duplicate_rows: 4, added: 0, changed: 1, removed: 1, removable: 4 }),
    )
    expect(await world.merge(second)).toEqual({ 'delete accepted': 1, 'upsert accepted': 1 })
    expect(await world.delivered()).toEqual(['a upsert', 'b upsert', 'c upsert'])
  })

  test('of several rows with one key the picked one is sent; where two share the first place none is', async () => {
    const world = await syncWorld(engine)
    await world.source([
      { key: 'a', value: '1', score: 1 },
      { key: 'a', value: '1', score: 3 },
      { key: 'a', value: '1', score: null },
      { key: 'b', value: '1', score: 2 },
      { key: 'b', value: '1', score: 2 },
      { key: null, value: '1', score: 1 },
      { key: null, value: '1', score: 2 },
    ])
    const greatest = await world.freeze('upsert', { order: 'desc' })
    expect(greatest.rows.map(({ key }) => key)).toEqual(['a'])
    expect(greatest.counts).toMatchObject(numbers({ desired: 5, null_keys: 2, duplicate_rows: 2, added: 1 }))
    await world.merge(greatest)
    expect((await world.freeze('upsert', { order: 'desc' })).rows).toEqual([])
    expect((await world.freeze('upsert', { order: 'asc' })).rows.map(({ key }) => key)).toEqual(['a'])
    // Nothing tells which one: the row that was delivered stays, and is not taken to have left.
    expect((await world.freeze('mirror')).rows).toEqual([])
  })

  test('a key that changes is a row that left, taken away first, and one that is new; by guess nothing is merged', async () => {
    const world = await syncWorld(engine)
    await world.source([{ key: 'z', value: '1' }])
    await world.merge(await world.freeze('mirror'))
    await world.source([{ key: 'a', value: '1' }])
    const { rows } = await world.freeze('mirror')
    expect(rows.map(({ operation, key }) => `${operation} ${key}`)).toEqual(['delete z', 'upsert a'])
  })

  test('values of different types, and noise beyond the digits that matter', async () => {
    const world = await syncWorld(engine)
    const sent = async (score: number | null, value: string | null) => {
      await world.source([{ key: 'k', value, score }])
      const frozen = await world.freeze('upsert')
      await world.merge(frozen)
      return frozen.rows.length
    }
    expect(await sent(0.1 + 0.2, 'x')).toBe(1)
    expect(await sent(0.3, 'x')).toBe(0)
    expect(await sent(0.301, 'x')).toBe(0)
    expect(await sent(0.31, 'x')).toBe(1)
    expect(await sent(-0.001, 'x')).toBe(1)
    expect(await sent(0, 'x')).toBe(0)
    expect(await sent(1e300, 'x')).toBe(1)
    expect(await sent(null, 'x')).toBe(1)
    expect(await sent(null, null)).toBe(1)
    expect(await sent(null, 'n')).toBe(1)
    expect(await sent(null, '')).toBe(1)
    expect(await sent(null, ';n')).toBe(1)
  })

  test('batches end at their rows or at their bytes', async () => {
    const world = await syncWorld(engine)
    await world.source([
      { key: 'a', value: 'x'.repeat(1000) },
      ...['b', 'c', 'd', 'e', 'f', 'g'].map((key) => ({ key, value: 'y' })),
    ])
    const { rows } = await world.freeze('append', { rows: 3, bytes: 900 })
    expect(rows.map((row) => row.batch)).toEqual([2, 2, 2, 3, 3, 3, 4])
  })

  test('a transaction that was overtaken by another freeze fails and leaves the other one be', async () => {
    const world = await syncWorld(engine)
    await world.source([{ key: 'a', value: '1' }])
    const frozen = await world.freeze('upsert')
    await world.source([])
    await expect(world.freeze('upsert', { replaces: 'run-0' })).rejects.toThrow()
    expect(await world.merge(frozen)).toEqual({ 'upsert accepted': 1 })
    await expect(world.merge({ ...frozen, syncRun: 'run-0' })).rejects.toThrow()
  })

  test('of two merges that overlap the later writer’s counts, and no rejected row is taken for delivered', async () => {
    const world = await syncWorld(engine)
    await world.source(['a', 'b'].map((key) => ({ key, value: '1' })))
    const frozen = await world.freeze('upsert')
    const journal = { exceptions: [{ ordinal: 2, fate: 'rejected' }] } as const
    const earlier = world.merging(frozen, journal, 1)
    const later = world.merging(frozen, journal, 2)
    await earlier.copyBatches()
    await earlier.copyExceptions()
    await later.copyBatches()
    await expect(earlier.end()).rejects.toThrow()
    expect(await world.delivered()).toEqual([])
    await expect(earlier.copyExceptions()).rejects.toThrow()
    await later.copyExceptions()
    expect(await later.end()).toEqual({ 'upsert accepted': 1, 'upsert rejected': 1 })
    expect(await world.delivered()).toEqual(['a upsert'])
    // A record that began anew counts its writers from one again.
    await world.source(['a', 'c'].map((key) => ({ key, value: '1' })))
    expect(await world.merge(await world.freeze('upsert'))).toEqual({ 'upsert accepted': 1 })
  })

  test('merging twice is merging once', async () => {
    const world = await syncWorld(engine)
    await world.source(['a', 'b', 'c', 'd'].map((key) => ({ key, value: '1' })))
    await world.merge(await world.freeze('mirror'))
    await world.source(['b', 'c', 'd', 'e'].map((key) => ({ key, value: key === 'c' ? '1' : '2' })))
    const frozen = await world.freeze('mirror', { rows: 2 })
    const journal = {
      batches: [
        { batch: 1, state: 'acknowledged' },
        { batch: 2, state: 'open' },
      ],
      exceptions: [{ ordinal: 2, fate: 'rejected' }],
    } as const
    const once = [await world.merge(frozen, journal), await world.delivered()]
    expect(once).toEqual([
      { 'delete accepted': 1, 'upsert rejected': 1, 'upsert open': 2 },
      ['b upsert', 'c upsert', 'd unknown (no hash)', 'e unknown (no hash)'],
    ])
    expect([await world.merge(frozen, journal), await world.delivered()]).toEqual(once)
  })

  test('a mirror’s destination equals its source after any history of changes, rejects and crashes', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f']
    const step = fc.record({
      source: fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('1', '2', '3')),
      /** Batches that reach the destination, and of these how many acknowledgements come back. */
      applied: fc.nat({ max: 4 }),
      acknowledged: fc.nat({ max: 4 }),
      rejects: fc.subarray(keys),
      merged: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (history) => {
        const world = await syncWorld(engine)
        const destination = new Map<string, string | null>()
        const calm = { source: {}, applied: 99, acknowledged: 99, rejects: [], merged: true }
        const last = { ...calm, source: history.at(-1)?.source ?? {} }
        let open: (() => Promise<unknown>) | undefined
        for (const { source, applied, acknowledged, rejects, merged } of [...history, last]) {
          await world.source(Object.entries(source).map(([key, value]) => ({ key, value })))
          // What an earlier run left unsettled is merged before the next one is frozen.
          await open?.()
          const frozen = await world.freeze('mirror', { rows: 2 })
          const sent = [...new Set(frozen.rows.map((row) => row.batch))].slice(0, applied)
          const rejected = frozen.rows.filter((row) => sent.includes(row.batch) && rejects.includes(row.key))
          for (const row of frozen.rows) {
            if (!sent.includes(row.batch) || rejected.includes(row)) continue
            if (row.operation === 'delete') destination.delete(row.key)
            else destination.set(row.key, row.value)
          }
          const batches = sent.map((batch, index) => ({
            batch,
            state: index < acknowledged ? ('acknowledged' as const) : ('unknown' as const),
          }))
          const known = batches.filter(({ state }) => state === 'acknowledged').map(({ batch }) => batch)
          const exceptions = rejected
            .filter((row) => known.includes(row.batch))
            .map(({ ordinal }) => ({ ordinal, fate: 'rejected' as const }))
          open = () => world.merge(frozen, { batches, exceptions })
          if (merged) {
            await open()
            open = undefined
          }
        }
        expect(Object.fromEntries(destination)).toEqual(last.source)
      }),
      { numRuns: dialect === 'duckdb' ? 40 : 8 },
    )
  })
})

/** Counts come as numbers or as texts, as the bare engine gives them. */
function numbers(counts: Record<string, number>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)]))
}

test('names stay within Postgres’ limit and apart', () => {
  const long = 'a'.repeat(63)
  expect(fitIdentifier('frozen_at_risk')).toBe('frozen_at_risk')
  const tables = syncTables('traitline_shop', long)
  const other = syncTables('traitline_shop', `${'a'.repeat(62)}b`)
  for (const name of [tables.frozen.name, tables.delivered.name, tables.exceptions.name, tables.schema]) {
    expect(name.length).toBeLessThanOrEqual(63)
  }
  expect(tables.frozen.name).not.toBe(other.frozen.name)
})

test('the table of modes in the documentation is current', async () => {
  const page = await readFile(join(packageRoot(), 'docs/concepts/sync-modes.md'), 'utf8')
  const bare = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---')
  for (const group of Object.values(modeGroups)) expect(bare(page)).toContain(modesTable(group))
  expect(Object.values(modeGroups).flat().toSorted()).toEqual(syncModes.toSorted())
  for (const mode of syncModes) expect(page).toContain(modes[mode].summary)
})
