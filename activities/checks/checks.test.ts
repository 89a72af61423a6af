import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AssetKey, CheckRunInput, CheckSpec, CheckTest, SourceSpec } from '../../orchestrator/contract/index.ts'
import {
  customers,
  fromColumn,
  materializeWorld,
  openServices,
  trait,
  type Services,
} from '../materialize/world.fixture.ts'
import { dialects } from '../warehouse/warehouses.fixture.ts'
import { createCheckActivities, type UserCode } from './index.ts'

const continuous = { type: 'continuous', unit: null, min: null, max: null, precision: 2, integer: false } as const
const spent = trait('spent', continuous, fromColumn('spent'))

function check(name: string, of: CheckTest, more: Partial<CheckSpec> = {}): CheckSpec {
  return { name, description: null, severity: 'error', blocking: true, test: of, ...more }
}

const code = { module: 'checks/mine.ts', export: 'mine', hash: 'h' }
const canary = 'ada@canary.example'

describe.each(dialects)('checks of what was materialised in %s', (dialect) => {
  let services: Services
  beforeAll(async () => {
    services = await openServices(dialect)
  })
  afterAll(() => services.close())

  const shop = async () => {
    const world = await materializeWorld(services)
    await world.sql(
      'create schema raw',
      'create table raw.customers (id text, spent double precision, seen timestamp)',
      `insert into raw.customers values ('${canary}', 100, '2026-01-01'), ('b', -5, '2026-01-02'), ('c', 7, null)`,
    )
    return world
  }
  type World = Awaited<ReturnType<typeof shop>>

  const summary = async (world: World, asset: AssetKey) =>
    Object.fromEntries(
      (await world.last(asset))?.checks.map(({ name, passed, failures }) => [name, [passed, failures]]) ?? [],
    )

  function runChecks(
    world: World,
    input: Partial<CheckRunInput> & { readonly assets: readonly AssetKey[] },
    userCode?: UserCode,
  ) {
    const { scope } = world
    const activities = createCheckActivities({
      warehouse: world.warehouse,
      store: world.store,
      manifests: world.manifests,
      userCode: userCode ?? (() => Promise.reject(new Error('no code here'))),
      clock: () => new Date(),
    })
    const request: CheckRunInput = {
      ...scope,
      ...{
        run: `checks-${scope.environment}-${++runs}`,
        revision: world.revision(),
        warehouseQueue: 'w',
        concurrency: 1,
      },
      accept: false,
      ...input,
    }
    return new MockActivityEnvironment().run(activities.checkAssets, request)
  }
  let runs = 0

  test('are recorded with it; a warning stops nothing, a failed one that blocks stops what reads it', async () => {
    const world = await shop()
    const checks = [
      check(
        'positive',
        { type: 'accepted_range', column: 'spent', min: 0, max: null },
        { severity: 'warn', blocking: false },
      ),
      check('unique_id', { type: 'unique', columns: ['id'] }),
      check('loose', { type: 'row_count', min: 9, max: null }, { blocking: false }),
    ]
    await world.define({ ...customers, checks } as SourceSpec, spent)
    expect(await world.make(customers.key)).toMatchObject({ status: 'materialized', failedChecks: [] })
    expect(await summary(world, customers.key)).toEqual({
      positive: [false, 1],
      unique_id: [true, 0],
      loose: [false, null],
    })
    expect((await world.last(customers.key))?.checks[0]).toMatchObject({
      severity: 'warn',
      blocking: false,
      message: '1 of 3 rows have a spent out of range',
      metadata: { rows: 3, share: 1 / 3, min: 0 },
    })
    expect(await world.make(spent.key)).toMatchObject({ status: 'materialized' })

    await world.sql("insert into raw.customers values ('b', 1, null)")
    expect(await world.make(customers.key)).toMatchObject({ failedChecks: ['unique_id'] })
    expect(await world.make(spent.key)).toMatchObject({
      status: 'upstream_failed',
      upstream: customers.key,
      reason: 'its check unique_id failed',
    })
    const told = JSON.stringify(await world.store.checks.history(world.scope, customers.key, { limit: 100 }))
    expect(told).not.toContain('canary')
  })

  test('one that cannot be evaluated has failed, and says why; the others are evaluated', async () => {
    const world = await shop()
    const sql = { strings: ['select nope from ', ''], refs: [customers.key] }
    const checks = [
      check('broken', { type: 'sql', sql }),
      check('missing', { type: 'not_null', column: 'nope', maxShare: 0 }),
      check('fine', { type: 'row_count', min: 1, max: null }),
    ]
    await world.define({ ...customers, checks } as SourceSpec)
    expect(await world.make(customers.key)).toMatchObject({ failedChecks: ['broken', 'missing'] })
    const [broken, missing] = (await world.last(customers.key))?.checks ?? []
    expect(broken).toMatchObject({
      passed: false,
      message: expect.stringMatching(/^it cannot be evaluated: /) as string,
    })
    expect(missing?.metadata).toEqual({ error: 'COLUMN_MISSING' })
  })

  test('code of the user asks, changes nothing, and hands out numbers alone', async () => {
    const world = await shop()
    const checks = [check('mine', { type: 'typescript', code })]
    await world.define({ ...customers, checks } as SourceSpec)
    type Ask = { table: string; query: (text: string, parameters?: unknown[]) => Promise<Record<string, unknown>[]> }
    const using = async (mine: (ask: Ask) => unknown): Promise<unknown> => {
      const input = await world.begin(customers.key, true)
      await world.perform(input, { userCode: () => Promise.resolve(mine as never) })
      const { passed, failures, message, metadata } = (await world.last(customers.key))!.checks[0]!
      return { passed, failures, message, metadata }
    }
    const counted = await using(async ({ table, query }) => {
      const [row] = await query(`select count(*) as n from ${table} where spent < $1;`, [0])
      return { passed: Number(row?.['n']) === 0, failures: Number(row?.['n']), value: 1.5 }
    })
    expect(counted).toEqual({ passed: false, failures: 1, message: '1 rows failed', metadata: { value: 1.5 } })
    const deleted = await using(({ table, query }) =>
      query(`delete from ${table} returning id`).then(() => ({ passed: true })),
    )
    expect(deleted).toMatchObject({ passed: false, message: expect.stringContaining('cannot be evaluated') as string })
    expect((await world.rows('select * from raw.customers')).length).toBe(3)
    const leaking = await using(async ({ query }) => {
      const [row] = await query('select id from raw.customers order by spent desc')
      throw new RangeError(`odd: ${String(row?.['id'])}`)
    })
    expect(leaking).toMatchObject({ metadata: { error: 'CHECK_CODE_FAILED' } })
    expect(JSON.stringify(leaking)).toContain('RangeError')
    expect(JSON.stringify(leaking)).not.toContain('canary')
    expect(await using(() => ({ passed: true, note: canary, failures: canary }))).toMatchObject({
      metadata: { error: 'CHECK_INVALID' },
    })
    expect(await using(() => ({ passed: true }))).toEqual({ passed: true, failures: null, message: null, metadata: {} })
  })

  test('some of the rows that failed are kept in the warehouse, there alone, until the check passes or they are old', async () => {
    const world = await shop()
    const checks = [
      check('positive', { type: 'accepted_range', column: 'spent', min: 0, max: null }, { blocking: false }),
      check('unique_id', { type: 'unique', columns: ['id'] }, { blocking: false }),
      check('seen', { type: 'not_null', column: 'seen', maxShare: 0 }, { blocking: false }),
      check('own', { type: 'sql', sql: { strings: ['select id from ', ' where spent = 100'], refs: [customers.key] } }),
    ]
    await world.define({ ...customers, checks } as SourceSpec)
    await world.sql("insert into raw.customers values ('c', 1, '2026-01-01')")
    await world.make(customers.key)
    const table = 'traitline_shop.failing_rows'
    const kept = async () => {
      const rows = await world.rows(`select check_name as name, failing_row as row from ${table} order by 1`)
      const parsed = rows.map(({ name, row }) => [name, typeof row === 'string' ? (JSON.parse(row) as object) : row])
      return parsed.map(([name, row]) => [name, (row as { id: string }).id]).sort()
    }
    expect(await kept()).toEqual([
      ['own', canary],
      ['positive', 'b'],
      ['seen', 'c'],
      ['unique_id', 'c'],
      ['unique_id', 'c'],
    ])
    const results = (await world.last(customers.key))!.checks
    expect(results.map(({ metadata }) => metadata?.['sample'])).toEqual(
      checks.map(() => ({ table, most: 100, days: 30 })),
    )
    const told = await world.store.checks.history(world.scope, customers.key, { limit: 10 })
    expect(JSON.stringify([told, await world.store.events.after(0, {}, 500)])).not.toContain('canary')

    await world.sql(
      "delete from raw.customers where id in ('b', 'c')",
      "insert into raw.customers values ('d', 100, '2026-01-01')",
    )
    await world.make(customers.key)
    expect(await kept()).toEqual([
      ['own', canary],
      ['own', 'd'],
    ])
    expect((await world.last(customers.key))!.checks[0]?.metadata).not.toHaveProperty('sample')

    await world.sql(`update ${table} set failed_at = '2020-01-01', check_name = 'gone'`)
    await world.make(customers.key, true)
    expect((await kept()).map(([name]) => name)).toEqual(['own', 'own'])
    // That they cannot be kept fails no check.
    await world.sql(`drop table ${table}`, `create table ${table} (other text)`)
    await world.make(customers.key, true)
    expect((await world.last(customers.key))!.checks[3]).toMatchObject({ failures: 2, metadata: {} })
  })

  test('code of the user has the resources that were declared for it, and their values go nowhere', async () => {
    const world = await shop()
    const checks = [check('mine', { type: 'typescript', code, resources: ['billing'] })]
    await world.define({ ...customers, checks } as SourceSpec)
    const using = async (name: string) => {
      const mine = async ({ use }: { use(resource: unknown): Promise<{ key: string }> }) => {
        const { key } = await use({ name })
        if (key !== canary) throw new Error(key)
        return { passed: true, value: key.length, key }
      }
      await world.perform(await world.begin(customers.key, true), {
        userCode: () => Promise.resolve(mine as never),
        resources: {
          make: () => Promise.resolve({ value: { key: canary }, secrets: [canary] }),
          find: () => Promise.reject(new Error('nobody asks')),
        },
      })
      return (await world.last(customers.key))!.checks[0]!
    }
    expect(await using('billing')).toMatchObject({ passed: true, metadata: { value: canary.length } })
    expect(await using('other')).toMatchObject({
      passed: false,
      message: expect.stringContaining('the resource other, which is not declared for it: only billing') as string,
      metadata: { error: 'RESOURCE_NOT_DECLARED' },
    })
    const told = await world.store.checks.history(world.scope, customers.key, { limit: 10 })
    expect(JSON.stringify(told)).not.toContain('canary')
  })

  test('a comparison is with the last good materialisation, not with the last', async () => {
    const world = await shop()
    const checks = [
      check('change', { type: 'row_count_change', maxDrop: 0.5, maxGrowth: null }),
      check(
        'drift',
        { type: 'drift', column: 'spent', threshold: 0.25, bins: 4, minRows: 1 },
        { blocking: false, severity: 'warn' },
      ),
    ]
    await world.define(customers, { ...spent, checks })
    const fill = async (from: number, to: number): Promise<void> => {
      await world.sql(
        'delete from raw.customers',
        `insert into raw.customers select cast(n as text), n, null from generate_series(${from}, ${to}) as s(n)`,
      )
      await world.make(customers.key)
    }
    await fill(1, 100)
    expect(await world.make(spent.key)).toMatchObject({ failedChecks: [] })
    await fill(1, 10)
    expect(await world.make(spent.key)).toMatchObject({ failedChecks: ['change'] })
    await fill(1, 8)
    // A fifth less than the bad one, and still far from the good one.
    expect(await world.make(spent.key)).toMatchObject({ failedChecks: ['change'] })
    const [change, drift] = (await world.last(spent.key))?.checks ?? []
    expect(change?.metadata).toMatchObject({ value: 8, before: 100 })
    expect(drift).toMatchObject({ passed: false, metadata: { referenceRows: 100 } })

    // What is there is accepted: from now on it is what others are compared with.
    expect(await runChecks(world, { assets: [spent.key], accept: true })).toMatchObject({ passed: 2, failed: 0 })
    expect(await world.store.assets.status(world.scope, spent.key)).toMatchObject({ failedChecks: [] })
    await fill(1, 6)
    expect(await world.make(spent.key)).toMatchObject({ failedChecks: [] })
  })

  test('without materialising they renew what blocks; what is no longer defined no longer does', async () => {
    const world = await shop()
    const positive = check('positive', { type: 'accepted_range', column: 'spent', min: 0, max: null })
    const few = check('few', { type: 'row_count', min: null, max: 2 })
    await world.define({ ...customers, checks: [positive, few] } as SourceSpec, spent)
    expect(await runChecks(world, { assets: [customers.key] })).toEqual({ passed: 0, warned: 0, failed: 0, skipped: 1 })
    await world.make(customers.key)
    const failed = async () => (await world.store.assets.status(world.scope, customers.key))?.failedChecks
    expect(await failed()).toEqual(['positive', 'few'])

    await world.define({ ...customers, checks: [positive] } as SourceSpec, spent)
    await world.sql('update raw.customers set spent = 5 where spent < 0')
    const run = { run: `renew-${world.scope.environment}`, assets: [customers.key] }
    expect(await runChecks(world, run)).toMatchObject({ passed: 1 })
    expect(await failed()).toEqual([])
    expect(await world.make(spent.key)).toMatchObject({ status: 'materialized' })

    // Once more, as a worker does whose predecessor was killed after it had recorded: nothing twice.
    expect(await runChecks(world, run)).toMatchObject({ passed: 1 })
    const history = await world.store.checks.history(world.scope, customers.key, { limit: 10 })
    expect(history.map(({ name, run: by }) => [name, by === run.run])).toEqual([
      ['positive', true],
      ['positive', false],
      ['few', false],
    ])
    const events = await world.store.events.after(0, { run: run.run }, 10)
    expect(events.map(({ type, data }) => [type, data['passed']])).toEqual([['check_evaluated', true]])
    expect((await world.store.checks.resultsOf(world.scope, run.run, { limit: 10 })).length).toBe(1)
  })

  test('a result that comes late, of a table that has been replaced, is not recorded', async () => {
    const world = await shop()
    await world.define({ ...customers, checks: [] } as SourceSpec)
    await world.make(customers.key)
    const stale = (await world.store.checks.latest(world.scope, customers.key))!
    await world.make(customers.key, true)
    const results = [{ name: 'late', severity: 'error' as const, passed: false, failures: 1, message: null }]
    const late = { scope: world.scope, run: 'late', asset: customers.key, materialization: stale.id, results, gone: [] }
    expect(await world.store.checks.record(late)).toBe(false)
    expect(await world.store.assets.status(world.scope, customers.key)).toMatchObject({ failedChecks: [] })
  })

  test('a source that has not changed grows older: its age is asked again', async () => {
    const world = await shop()
    const aged = check('seen_lately', { type: 'freshness', column: 'seen', maxAgeMinutes: 60 })
    const at = (time: string) => ({ clock: () => new Date(time) })
    await world.define({ ...customers, checks: [aged] } as SourceSpec, spent)
    await world.perform(await world.begin(customers.key), at('2026-01-02T00:30:00Z'))
    expect(await world.make(spent.key)).toMatchObject({ status: 'materialized' })
    const again = await world.perform(await world.begin(customers.key), at('2026-01-02T02:00:00Z'))
    expect(again.assets).toEqual([{ asset: customers.key, status: 'fresh' }])
    expect(await world.store.assets.status(world.scope, customers.key)).toMatchObject({ failedChecks: ['seen_lately'] })
    expect(await world.make(spent.key, true)).toMatchObject({ status: 'upstream_failed' })
  })
})
