import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckTest, ColumnSpec, LastGood } from '../../contract/index.ts'
import { dialectSql } from '../index.ts'
import type { Dialect, Statement } from '../statement.ts'
import { engines, type Engine } from '../sync.engines.fixture.ts'
import { checkProgram, populationStabilityIndex, type CheckTarget, type SqlCheckType, type Verdict } from './index.ts'

const relation = { schema: 'tried', name: 'people' }
const columns: readonly ColumnSpec[] = [
  { name: 'id', type: 'text' },
  { name: 'n', type: 'integer' },
  { name: 'x', type: 'number' },
  { name: 'tier', type: 'text' },
  { name: 'vip', type: 'boolean' },
  { name: 'seen', type: 'timestamp' },
  { name: 'born', type: 'date' },
]

type SqlTest = Extract<CheckTest, { readonly type: SqlCheckType }>

const raw = (text: string): Statement => ({ text, parameters: [] })

describe.each(Object.keys(engines) as Dialect[])('checks in %s', (dialect) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await engines[dialect]()
    await engine.transaction(
      [
        'create schema tried',
        `create table tried.people (id text, n bigint, x double precision, tier text, vip boolean, seen timestamp,
          born date)`,
        `insert into tried.people values
          ('a', 1, 0.5, 'gold', true, '2026-01-01 00:00:00', '2000-01-01'),
          ('b', 2, 'nan', 'silver', false, '2026-01-02 06:00:00', null),
          ('b', 3, 7, 'bronze', null, null, null),
          ('c', null, null, null, false, '2025-12-31 00:00:00', '1999-12-31')`,
      ].map(raw),
    )
  })
  afterAll(() => engine.close())

  async function judge(check: SqlTest, given: Partial<CheckTarget> = {}): Promise<Verdict> {
    const target: CheckTarget = {
      asset: 'source/people',
      dialect: dialectSql(dialect),
      relation,
      relationOf: () => relation,
      columns,
      rows: 4,
      counts: {},
      now: '2026-01-02T12:00:00Z',
      lastGood: null,
      categoriesOf: () => null,
      ...given,
    }
    const program = checkProgram(check, target)
    let step = program.next()
    while (step.done !== true) step = program.next(await engine.query(step.value))
    return step.value
  }

  const self = (before: string, after = '') => ({ strings: [before, after], refs: ['source/people'] }) as const

  test('rows that a query selects', async () => {
    const failing = await judge({ type: 'sql', sql: self('select * from ', ' where n >= 2; -- those') })
    expect(failing).toMatchObject({ passed: false, failures: 2, message: '2 rows that it selects', metadata: {} })
    expect(await judge({ type: 'sql', sql: self('select * from ', ' where n > 9') })).toMatchObject({ passed: true })
  })

  test('one number against bounds', async () => {
    const sql = self('select avg(n) as mean from ')
    expect(await judge({ type: 'sql_value', sql, min: 1, max: 2 })).toMatchObject({
      passed: true,
      metadata: { value: 2 },
    })
    const high = await judge({ type: 'sql_value', sql, min: null, max: 1.5 })
    expect(high).toMatchObject({ passed: false, message: '2 is not at most 1.5' })
    await expect(judge({ type: 'sql_value', sql: self('select id from '), min: 0, max: 1 })).rejects.toMatchObject({
      code: 'CHECK_INVALID',
      message: expect.stringContaining('several rows') as string,
    })
  })

  test('rows, and their change', async () => {
    expect(await judge({ type: 'row_count', min: 1, max: 3 })).toMatchObject({
      passed: false,
      message: '4 rows, which is not between 1 and 3',
    })
    expect(await judge({ type: 'row_count', min: 4, max: null }, { rows: null })).toMatchObject({ passed: true })
    const change = (rows: number | null, lastGood: LastGood | null) =>
      judge({ type: 'row_count_change', maxDrop: 0.2, maxGrowth: 1 }, { rows, lastGood })
    const good = (rows: number): LastGood => ({ rows, reference: null })
    expect(await change(4, null)).toMatchObject({ passed: true, message: 'nothing to compare with yet' })
    expect(await change(80, good(100))).toMatchObject({ passed: true, metadata: { change: -0.2 } })
    expect(await change(79, good(100))).toMatchObject({ passed: false, message: 'fell by 21 % from 100 to 79 rows' })
    expect(await change(201, good(100))).toMatchObject({ passed: false })
    expect(await change(1, good(0))).toMatchObject({ passed: false, message: 'grew from none to 1 rows' })
    expect(await change(0, good(0))).toMatchObject({ passed: true })
  })

  test('uniqueness, nulls, range and values', async () => {
    expect(await judge({ type: 'unique', columns: ['id'] })).toMatchObject({
      passed: false,
      failures: 1,
      message: '1 of 4 rows repeat the id of another',
      metadata: { share: 0.25 },
    })
    expect(await judge({ type: 'unique', columns: ['id', 'n'] })).toMatchObject({ passed: true, failures: 0 })
    expect(await judge({ type: 'not_null', column: 'n', maxShare: 0 })).toMatchObject({ passed: false, failures: 1 })
    expect(await judge({ type: 'not_null', column: 'n', maxShare: 0.25 })).toMatchObject({ passed: true, failures: 1 })
    // NaN is in no range, null is not asked.
    expect(await judge({ type: 'accepted_range', column: 'x', min: 0, max: 1 })).toMatchObject({ failures: 2 })
    expect(await judge({ type: 'accepted_range', column: 'n', min: 1, max: 3 })).toMatchObject({ passed: true })
    expect(await judge({ type: 'accepted_values', column: 'tier', values: ['gold', 'silver'] })).toMatchObject({
      passed: false,
      failures: 1,
      message: '1 of 4 rows have another tier than is accepted',
    })
    expect(await judge({ type: 'accepted_values', column: 'vip', values: [true, false] })).toMatchObject({
      passed: true,
    })
    await expect(judge({ type: 'not_null', column: 'nope', maxShare: 0 })).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
    })
  })

  test('the age of a column', async () => {
    const at = (column: string, maxAgeMinutes: number) => judge({ type: 'freshness', column, maxAgeMinutes })
    expect(await at('seen', 360)).toMatchObject({ passed: true, metadata: { value: 360 } })
    expect(await at('seen', 359)).toMatchObject({
      passed: false,
      message: 'its latest value is 6 hours old; 6 hours may be',
    })
    expect((await at('born', 1)).passed).toBe(false)
    await expect(at('n', 1)).rejects.toMatchObject({ message: 'n is integer, which has no age' })
    await engine.transaction([raw('create table tried.empty as select * from tried.people where false')])
    const none = await judge(
      { type: 'freshness', column: 'seen', maxAgeMinutes: 1 },
      { relation: { schema: 'tried', name: 'empty' } },
    )
    expect(none).toMatchObject({ passed: false, message: 'it has no value' })
  })

  describe('drift', () => {
    const fill = async (values: readonly (number | null)[]): Promise<void> => {
      const list = values.map((value) => `(${value === null ? 'null' : `cast(${value} as double precision)`})`)
      await engine.transaction([
        raw('drop table if exists tried.scores'),
        raw('create table tried.scores (score double precision)'),
        ...(list.length === 0 ? [] : [raw(`insert into tried.scores values ${list.join(', ')}`)]),
      ])
    }
    const ofScores = (lastGood: LastGood | null, bins = 10) =>
      judge(
        { type: 'drift', column: 'score', threshold: 0.25, bins, minRows: 0 },
        {
          lastGood,
          relation: { schema: 'tried', name: 'scores' },
          columns: [{ name: 'score', type: 'number' }],
        },
      )

    /** PSI from the two samples themselves: quantiles by interpolation, shares by counting. */
    function independent(before: readonly (number | null)[], after: readonly (number | null)[], bins: number): number {
      const sorted = before.filter((value) => value !== null).sort((a, b) => a - b)
      const edges = new Set<number>()
      for (let i = 1; i < bins && sorted.length > 0; i++) {
        const at = (i / bins) * (sorted.length - 1)
        const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
        edges.add(low + (high - low) * (at - Math.floor(at)))
      }
      const ends = [...edges].sort((a, b) => a - b)
      const shares = (values: readonly (number | null)[]): number[] => {
        const counts: number[] = Array.from({ length: ends.length + 2 }, () => 0)
        for (const value of values) {
          const at = value === null ? ends.length + 1 : ends.findIndex((end) => value <= end)
          counts[at === -1 ? ends.length : at]! += 1 / values.length
        }
        return counts
      }
      const [expected, actual] = [shares(before), shares(after)]
      let psi = 0
      expected.forEach((e, i) => {
        const [floor, a] = [Math.max(e, 1e-4), Math.max(actual[i]!, 1e-4)]
        psi += (a - floor) * Math.log(a / floor)
      })
      return psi
    }

    const value = fc.option(fc.integer({ min: -50, max: 50 }).map((n) => n / 4))
    const sample = fc.array(value, { minLength: 5, maxLength: 60 })

    // With such bins and values each quantile is exact in binary, so that a value on an edge is on the same side of it in
    // every engine.
    test('a number: the index is that of an independent computation, over the quantiles of the reference', async () => {
      await fc.assert(
        fc.asyncProperty(sample, sample, fc.constantFrom(2, 4, 8), async (before, after, bins) => {
          await fill(before)
          const first = await ofScores(null, bins)
          expect(first).toMatchObject({ passed: true, message: 'nothing to compare with yet' })
          const lastGood = { rows: before.length, reference: first.reference ?? null }
          await fill(after)
          const second = await ofScores(lastGood, bins)
          const psi = Number(second.metadata['value'])
          expect(psi).toBeCloseTo(independent(before, after, bins), 9)
          expect(second.passed).toBe(psi <= 0.25)
          await fill(before)
          expect((await ofScores(lastGood, bins)).metadata['value']).toBeCloseTo(0, 12)
        }),
        { numRuns: 12 },
      )
    })

    test('a category and a boolean by their values, with nulls in a bin of their own', async () => {
      const tiers = { categoriesOf: () => ['gold', 'silver'], rows: 4 }
      const tier = { type: 'drift', column: 'tier', threshold: 0.25, bins: 10, minRows: 0 } as const
      const found = await judge(tier, tiers)
      expect(found.reference).toEqual({
        bins: { kind: 'values', values: ['gold', 'silver'] },
        shares: [0.25, 0.25, 0.25, 0.25],
        rows: 4,
      })
      const reference = { ...found.reference, shares: [0.5, 0.25, 0.25, 0] }
      const moved = await judge(tier, { ...tiers, lastGood: { rows: 4, reference } })
      const expected = 0.25 * Math.log(2) + (0.25 - 1e-4) * Math.log(0.25 / 1e-4)
      expect(moved.metadata['value']).toBeCloseTo(expected, 12)
      expect(moved).toMatchObject({
        passed: false,
        message: expect.stringMatching(/^the distribution of tier moved: PSI /) as string,
      })
      const vip = await judge({ ...tier, column: 'vip' })
      expect(vip.reference).toMatchObject({ shares: [0.25, 0.5, 0, 0.25] })
      await expect(judge(tier)).rejects.toMatchObject({ code: 'CHECK_INVALID' })
    })

    test('few rows are not judged', async () => {
      await fill([1, 2, 3])
      const { reference = null } = await ofScores(null)
      await fill([7, 8, 9])
      const few = await judge(
        { type: 'drift', column: 'score', threshold: 0.25, bins: 4, minRows: 100 },
        {
          lastGood: { rows: 3, reference },
          relation: { schema: 'tried', name: 'scores' },
          columns: [{ name: 'score', type: 'number' }],
        },
      )
      expect(few).toMatchObject({ passed: true, message: 'fewer than 100 rows to compare' })
    })
  })
})

test('the index of a textbook example', () => {
  // Computed by hand to four digits: 0.1 ln(0.2/0.1) + 0.1 ln(0.4/0.5) ... over five bins.
  const psi = populationStabilityIndex([0.1, 0.2, 0.4, 0.2, 0.1], [0.2, 0.2, 0.3, 0.2, 0.1])
  expect(psi).toBeCloseTo(0.1 * Math.log(2) - 0.1 * Math.log(0.75), 12)
  expect(psi).toBeCloseTo(0.0981, 4)
})

test('it is zero for equal distributions, never negative, and symmetric', () => {
  const shares = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 5 }).map((counts) =>
    counts.map(
      (count) =>
        count /
        Math.max(
          1,
          counts.reduce((sum, each) => sum + each),
        ),
    ),
  )
  fc.assert(
    fc.property(shares, shares, (a, b) => {
      expect(populationStabilityIndex(a, a)).toBe(0)
      expect(populationStabilityIndex(a, b)).toBeGreaterThanOrEqual(0)
      expect(populationStabilityIndex(a, b)).toBeCloseTo(populationStabilityIndex(b, a), 12)
    }),
  )
})

test('a sync by what was delivered', () => {
  const counts = { sent: 200, rejected: 3, unknown: 1 }
  const target = { counts, rows: 196, lastGood: null } as unknown as CheckTarget
  const verdict = (maxLostShare: number) => checkProgram({ type: 'delivered', maxLostShare }, target).next().value
  expect(verdict(0.02)).toMatchObject({ passed: true, failures: 4 })
  expect(verdict(0)).toMatchObject({ passed: false, message: '4 of 200 rows were not taken (2 %; 0 % may)' })
})
