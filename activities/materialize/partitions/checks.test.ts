import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  AssetOutcome,
  CheckCounts,
  CheckSpec,
  CheckTest,
  PartitionMappings,
  PartitionsSpec,
  SourceSpec,
  TraitSpec,
} from '../../../orchestrator/contract/index.ts'
import type { CheckContext } from '../../../orchestrator/define/index.ts'
import { createCheckActivities, type UserCode } from '../../checks/index.ts'
import { dialects } from '../../warehouse/warehouses.fixture.ts'
import { asset, materializeWorld, openServices, trait, type Services } from '../world.fixture.ts'

const cut: PartitionsSpec = {
  dimensions: [
    {
      type: 'time',
      name: 'day',
      every: 'day',
      start: '2026-03-01',
      end: '2026-03-05',
      timeZone: 'UTC',
      offsetMinutes: 0,
    },
  ],
}
const same = (...keys: readonly string[]): PartitionMappings =>
  Object.fromEntries(keys.map((key) => [key, { day: { type: 'same', of: 'day' } }]))
const continuous = { type: 'continuous', unit: null, min: 0, max: null, precision: 2, integer: true } as const
const check = (name: string, test: CheckTest, blocking = true): CheckSpec => ({
  ...{ name, description: null, severity: blocking ? 'error' : 'warn', blocking, test },
})

const events: SourceSpec = asset<SourceSpec>({
  kind: 'source',
  key: 'source/customers',
  relation: { schema: 'raw', name: 'events' },
  columns: [
    { name: 'id', type: 'text' },
    { name: 'since', type: 'timestamp' },
    { name: 'n', type: 'integer' },
  ],
  load: null,
  codeVersion: 'c1',
  partitions: cut,
  partitionColumns: { day: 'since' },
  checks: [check('unique_id', { type: 'unique', columns: ['id'] }, false)],
})
const visits: TraitSpec = trait('visits', continuous, {
  origin: { type: 'sql', sql: { strings: ['select id, n as value from ', ''], refs: [events.key] } },
  partitions: cut,
  mappings: same(events.key),
  checks: [
    check('few', { type: 'accepted_range', column: 'visits', min: null, max: 10 }),
    check(
      'within',
      {
        type: 'sql',
        sql: {
          strings: ['select * from ', ' as seen join ', ' as e using (id) where e.since <  or e.since >= '],
          refs: ['trait/visits', events.key],
          values: [
            { string: 2, offset: 32, value: 'start', dimension: null },
            { string: 2, offset: 48, value: 'end', dimension: null },
          ],
        },
      },
      false,
    ),
    check('row_count_change', { type: 'row_count_change', maxDrop: 0.5, maxGrowth: null }, false),
    check('drift', { type: 'drift', column: 'visits', threshold: 0.25, bins: 4, minRows: 4 }, false),
  ],
})
const doubled: TraitSpec = trait('doubled', continuous, {
  origin: { type: 'sql', sql: { strings: ['select id, visits * 2 as value from ', ''], refs: [visits.key] } },
  deps: [visits.key],
  partitions: cut,
  mappings: same(visits.key),
})
const whole = (name: string, mapping: PartitionMappings[keyof PartitionMappings]): TraitSpec =>
  trait(name, continuous, {
    origin: {
      type: 'sql',
      sql: { strings: ['select id, max(visits) as value from ', ' group by id'], refs: [visits.key] },
    },
    deps: [visits.key],
    mappings: { [visits.key]: mapping },
  })
const now = whole('now', { day: { type: 'latest' } })
const ever = whole('ever', { day: { type: 'all' } })
const lastTwo = whole('last_two', { day: { type: 'last', of: 'day', count: 2 } })

const days = ['2026-03-01', '2026-03-02', '2026-03-03']
const statuses = (outcomes: readonly AssetOutcome[]) => outcomes.map(({ status }) => status)
const failed = (outcomes: readonly AssetOutcome[]) =>
  outcomes.map((each) => (each.status === 'materialized' ? each.failedChecks : each.status))
const rowsOf = (day: string, ...values: readonly number[]) =>
  values.map((n, at) => `('${day} c${at}', '${day}T0${at}:00:00', ${n})`).join(', ')

describe.each(dialects)('checks of partitions in %s', (dialect) => {
  let services: Services
  beforeAll(async () => {
    services = await openServices(dialect)
  })
  afterAll(() => services.close())

  const shop = async () => {
    const world = await materializeWorld(services)
    await world.sql(
      'create schema raw',
      'create table raw.events (id text, since timestamp, n integer)',
      `insert into raw.events values ${days.map((day, at) => rowsOf(day, 1, 2, 3, at === 1 ? 40 : 4)).join(', ')}`,
    )
    await world.define(events, visits, doubled, now, ever, lastTwo)
    await world.makePartitions(events.key, days)
    return world
  }
  type World = Awaited<ReturnType<typeof shop>>
  const results = async ({ store, scope }: World, partition: string, key = visits.key) =>
    Object.fromEntries(
      (await store.checks.history(scope, key, { limit: 10, partition }))
        .reverse()
        .map(({ name, passed, failures, message }) => [name, [passed, failures, message]]),
    )

  test('each partition is checked by itself, with the rows, the window and the upstream rows that are its own', async () => {
    const world = await shop()
    expect(failed(await world.makePartitions(visits.key, days))).toEqual([[], ['few'], []])
    expect(await results(world, days[0]!)).toEqual({
      few: [true, 0, null],
      within: [true, 0, null],
      row_count_change: [true, null, 'nothing to compare with yet'],
      drift: [true, null, 'nothing to compare with yet'],
    })
    expect(await results(world, days[1]!)).toMatchObject({ few: [false, 1, '1 of 4 rows have a visits out of range'] })
    expect(await results(world, days[1]!, events.key)).toEqual({ unique_id: [true, 0, null] })
    const told = await world.store.events.after(0, { scope: world.scope, asset: visits.key }, 100)
    expect(
      told.filter(({ type, data }) => type === 'check_evaluated' && data['passed'] === false).map(({ data }) => data),
    ).toMatchObject([{ partition: days[1], name: 'few', blocking: true }])
    expect(await world.store.assets.status(world.scope, visits.key)).toMatchObject({ failedChecks: ['few'] })
  })

  test('a failed partition stops what reads it and nothing else, until it is made right', async () => {
    const world = await shop()
    await world.makePartitions(visits.key, days)
    expect(statuses(await world.makePartitions(doubled.key, days))).toEqual([
      ...['materialized', 'upstream_failed', 'materialized'],
    ])
    expect((await world.make(now.key)).status).toBe('materialized')
    expect(await world.make(ever.key)).toMatchObject({ status: 'upstream_failed', upstream: visits.key })
    expect((await world.make(lastTwo.key)).status).toBe('materialized')

    await world.sql('update raw.events set n = 4 where n = 40')
    await world.makePartitions(events.key, days)
    expect(failed(await world.makePartitions(visits.key, days))).toEqual(['fresh', [], 'fresh'])
    expect(await world.store.assets.status(world.scope, visits.key)).toMatchObject({ failedChecks: [] })
    expect((await world.make(ever.key)).status).toBe('materialized')
    expect(statuses(await world.makePartitions(doubled.key, days))).toEqual(['fresh', 'materialized', 'fresh'])

    await world.sql("update raw.events set n = 50 where n = 4 and id like '2026-03-03%'")
    await world.makePartitions(events.key, days)
    expect(failed(await world.makePartitions(visits.key, days))).toEqual(['fresh', 'fresh', ['few']])
    expect((await world.make(now.key)).status).toBe('upstream_failed')
    expect((await world.make(lastTwo.key)).status).toBe('upstream_failed')
  })

  test('comparisons are with what the partition was before, or else with the window before it', async () => {
    const world = await shop()
    await world.makePartitions(visits.key, days)
    // The second day failed a check that blocks: the third is compared with the first.
    expect(await results(world, days[2]!)).toMatchObject({
      row_count_change: [true, null, null],
      drift: [true, null, null],
    })
    await world.sql("delete from raw.events where id in ('2026-03-03 c1', '2026-03-03 c2', '2026-03-03 c3')")
    await world.makePartitions(events.key, days)
    await world.makePartitions(visits.key, days)
    expect(await results(world, days[2]!)).toMatchObject({
      row_count_change: [false, null, 'fell by 75 % from 4 to 1 rows'],
    })
    await world.sql(`insert into raw.events values ${rowsOf('2026-03-04', 2)}`)
    await world.makePartitions(events.key, ['2026-03-04'])
    await world.makePartitions(visits.key, ['2026-03-04'])
    expect(await results(world, '2026-03-04')).toMatchObject({ row_count_change: [true, null, null] })
  })
  test('checked again as they are, partitions hold up what they read no longer', async () => {
    const world = await shop()
    await world.makePartitions(visits.key, days)
    const loosened = {
      ...visits,
      checks: [check('few', { type: 'accepted_range', column: 'visits', min: null, max: 100 })],
    }
    await world.define(events, loosened, doubled, now, ever, lastTwo)
    const { checkAssets } = createCheckActivities({
      ...{ warehouse: world.warehouse, store: world.store, manifests: world.manifests, clock: () => new Date() },
      userCode: () => Promise.reject(new Error('no code here')),
    })
    const asked = (run: string, partitions?: string): Promise<CheckCounts> => {
      const input = {
        ...world.scope,
        run,
        revision: world.revision(),
        warehouseQueue: 'w',
        concurrency: 1,
        accept: false,
      }
      const work = () =>
        checkAssets({ ...input, assets: [visits.key], ...(partitions !== undefined && { partitions }) })
      return new MockActivityEnvironment().run<[], CheckCounts, typeof work>(work)
    }
    expect(await asked('check-1', days[0])).toEqual({ passed: 1, warned: 0, failed: 0, skipped: 0 })
    expect((await world.make(ever.key)).status).toBe('upstream_failed')
    // Unless told, the latest (which was never made) and what fails a check now.
    expect(await asked('check-2')).toEqual({ passed: 1, warned: 0, failed: 0, skipped: 0 })
    expect(await asked('check-2')).toEqual({ passed: 1, warned: 0, failed: 0, skipped: 0 })
    expect((await world.make(ever.key)).status).toBe('materialized')
    const history = await world.store.checks.history(world.scope, visits.key, { limit: 10, name: 'few' })
    expect(history.map(({ run, partition, passed }) => [run, partition, passed]).slice(0, 2)).toEqual([
      ['check-2', days[1], true],
      ['check-1', days[0], true],
    ])
    expect(await asked('check-3', '2026-03-04')).toEqual({ passed: 0, warned: 0, failed: 0, skipped: 1 })
  })

  test('code is given the rows of the partition as a table, and its window', async () => {
    const world = await shop()
    const seen: unknown[] = []
    const userCode: UserCode = () =>
      Promise.resolve(async ({ table, partition, query }: CheckContext) => {
        const [row] = await query(
          `with t as (select * from ${table}) select count(*) as n from t where visits > $1`,
          [1],
        )
        seen.push([partition?.key, partition?.window?.end, Number(row?.['n'])])
        return { passed: true, value: Number(row?.['n']) }
      })
    const code = { module: 'checks/mine.ts', export: 'mine', hash: 'h' }
    await world.define(events, { ...visits, checks: [check('mine', { type: 'typescript', code })] })
    await world.perform(await world.begin(visits.key, false, days), { userCode })
    expect(seen).toEqual([
      [days[0], '2026-03-02T00:00:00Z', 3],
      [days[1], '2026-03-03T00:00:00Z', 3],
      [days[2], '2026-03-04T00:00:00Z', 3],
    ])
  })
})
