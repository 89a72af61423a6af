import { CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { eventually } from '../../test/harness/eventually.ts'
import { dbtWorld } from '../../test/dbt/world.ts'
import { eventsOf, scope } from '../../test/store/fresh-store.ts'

// Each build starts dbt, which takes seconds on a quiet machine and many on a busy one.
vi.setConfig({ testTimeout: 240_000 })

const ada = [1, 'Ada', '36'] as const
const grace = [2, 'Grace', '12'] as const

function statuses(outcomes: Readonly<Record<string, { readonly status: string }>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(outcomes).map(([key, { status }]) => [key.replace('model/tiny/', ''), status]),
  )
}

test.each(['duckdb', 'postgres'] as const)(
  'a project is built once, and again only where it changed: %s',
  async (dialect) => {
    const world = await dbtWorld(dialect)
    await world.people([ada, grace])
    const first = await world.build()
    expect(statuses(first)).toEqual({
      people: 'materialized',
      unrelated: 'materialized',
      adults: 'materialized',
      counts: 'materialized',
    })
    expect(first['model/tiny/people']).toMatchObject({ rows: 2, failedChecks: [] })
    expect(first['model/tiny/adults']).toMatchObject({ rows: 1 })
    const seen = await world.warehouse.query({ text: 'select n, seen from dbt_tiny.counts', parameters: [] })
    expect(seen).toEqual([{ n: 1, seen: '2020-01-01T00:00:00Z Europe/Paris' }])

    const [people] = await world.store.assets.materializations(scope, 'model/tiny/people', { limit: 1 })
    expect(people?.checks.map(({ name, severity, passed }) => ({ name, severity, passed }))).toEqual([
      { name: 'unique_people_id', severity: 'error', passed: true },
      { name: 'not_null_people_name', severity: 'warn', passed: true },
    ])
    // Of the key nothing is told, of undeclared texts only counts.
    expect(people?.statistics.map(({ column, categories }) => ({ column, categories }))).toEqual([
      { column: 'name', categories: null },
      { column: 'age', categories: null },
    ])
    expect(Object.keys(people?.upstream ?? {})).toEqual(['source/people'])
    const [adults] = await world.store.assets.materializations(scope, 'model/tiny/adults', { limit: 1 })
    expect(adults?.upstream).toEqual({ 'model/tiny/people': people?.dataVersion })

    const log = await world.store.logs.read(world.lastRun(), 'dbt/tiny', { after: 0, limit: 1_000 })
    expect(log.some(({ text }) => /OK created sql table model dbt_tiny\.people/.test(text))).toBe(true)
    expect(await eventsOf(world.store, world.lastRun())).toContain('log model/tiny/people')

    expect(new Set(Object.values(statuses(await world.build())))).toEqual(new Set(['fresh']))

    await world.write({ 'models/adults.sql': `select id from {{ ref('people') }} where cast(age as integer) >= 10` })
    const changed = await world.build()
    expect(statuses(changed)).toEqual({
      people: 'fresh',
      unrelated: 'fresh',
      adults: 'materialized',
      counts: 'materialized',
    })
    expect(changed['model/tiny/adults']).toMatchObject({ rows: 2 })
  },
)

test('a broken model fails with what dbt says, and takes only what is downstream of it along', async () => {
  const world = await dbtWorld('duckdb')
  await world.people([ada, grace])
  await world.write({ 'models/people/people.sql': `select id, naem as name, age from {{ source('raw', 'people') }}` })
  const outcomes = await world.build()
  expect(statuses(outcomes)).toEqual({
    people: 'failed',
    unrelated: 'materialized',
    adults: 'upstream_failed',
    counts: 'upstream_failed',
  })
  expect(outcomes['model/tiny/people']).toMatchObject({
    failure: {
      code: 'DBT_MODEL_FAILED',
      message: expect.stringMatching(/model\/tiny\/people.*naem/s) as string,
      hint: expect.stringContaining('models/people/people.sql') as string,
      blame: 'user',
    },
  })
  expect(outcomes['model/tiny/counts']).toMatchObject({ upstream: 'model/tiny/people' })
})

test('a test of severity error blocks what is downstream, one of severity warn only tells', async () => {
  const world = await dbtWorld('duckdb')
  await world.people([ada, [1, null, '40']])
  const outcomes = await world.build()
  expect(outcomes['model/tiny/people']).toMatchObject({ status: 'materialized', failedChecks: ['unique_people_id'] })
  expect(outcomes['model/tiny/adults']).toMatchObject({
    status: 'upstream_failed',
    upstream: 'model/tiny/people',
    reason: 'its check unique_people_id failed',
  })
  const checks = await world.store.checks.history(scope, 'model/tiny/people', { limit: 10 })
  expect(checks.find(({ name }) => name === 'not_null_people_name')).toMatchObject({
    severity: 'warn',
    passed: false,
    failures: 1,
  })
})

test('values of rows are in no failure and in no log', async () => {
  const world = await dbtWorld('duckdb')
  await world.people([ada, [2, 'Grace', 'canary-4711']])
  await world.write({
    'models/people/people.sql': `select id, name, cast(age as integer) as age from {{ source('raw', 'people') }}`,
  })
  const outcomes = await world.build()
  expect(outcomes['model/tiny/people']).toMatchObject({ status: 'failed' })
  const log = await world.store.logs.read(world.lastRun(), 'dbt/tiny', { after: 0, limit: 1_000 })
  expect(log.length).toBeGreaterThan(5)
  const events = await world.store.events.after(0, { run: world.lastRun() }, 1_000)
  expect(JSON.stringify([outcomes, log, events])).not.toContain('canary')
})

test('a project that dbt cannot read fails all of its models, once and for what it is', async () => {
  const world = await dbtWorld('duckdb')
  await world.people([ada])
  await world.write({ 'models/adults.sql': `select * from {{ ref('peeple') }}` })
  const outcomes = await world.build()
  expect(new Set(Object.values(statuses(outcomes)))).toEqual(new Set(['failed']))
  expect(outcomes['model/tiny/people']).toMatchObject({
    failure: { code: 'DBT_FAILED', message: expect.stringContaining('peeple') as string },
  })
})

test('a dbt that is not there is named', async () => {
  const world = await dbtWorld('duckdb')
  await world.people([ada])
  await expect(world.build({ dbtExecutable: '/nowhere/dbt' })).rejects.toMatchObject({
    type: 'DBT_MISSING',
    nonRetryable: true,
    message: expect.stringContaining('/nowhere/dbt') as string,
  })
})

test('cancelled in the middle, dbt is gone and the warehouse is free; the next attempt builds', async () => {
  const world = await dbtWorld('duckdb')
  await world.people([ada])
  const slow = `select id, name, age from {{ source('raw', 'people') }} where (select count(*) from range(100000000000)) > 0`
  await world.write({ 'models/people/people.sql': slow })
  const environment = quietEnvironment()
  const building = world.build({ run: 'cancelled', environment })
  const cancelled = expect(building).rejects.toBeInstanceOf(CancelledFailure)
  await eventually(async () => {
    const log = await world.store.logs.read('cancelled', 'dbt/tiny', { after: 0, limit: 100 })
    return log.some(({ text }) => text.includes('START sql table model dbt_tiny.people'))
  })
  environment.cancel()
  await cancelled
  // The file is ours again only if dbt has left it.
  expect(await world.warehouse.query({ text: 'select count(*) as n from raw.people', parameters: [] })).toEqual([
    { n: 1 },
  ])
  await world.write({ 'models/people/people.sql': `select id, name, age from {{ source('raw', 'people') }}` })
  expect(statuses(await world.build({ run: 'cancelled' }))).toMatchObject({
    people: 'materialized',
    counts: 'materialized',
  })
})

test('nothing is written to the dbt project, and a model whose upstream was never made says so', async () => {
  const world = await dbtWorld('duckdb')
  const before = await readdir(world.dbtFolder, { recursive: true })
  const outcomes = await world.build({ models: ['adults', 'unrelated'] })
  expect(outcomes['model/tiny/adults']).toMatchObject({
    status: 'failed',
    failure: { code: 'UPSTREAM_MISSING', hint: expect.stringContaining('+model/tiny/adults') as string },
  })
  expect(outcomes['model/tiny/unrelated']).toMatchObject({ status: 'materialized' })
  expect(await readdir(world.dbtFolder, { recursive: true })).toEqual(before)
  const profile = await readFile(join(world.home, 'dbt/test/shop/tiny/profiles.yml'), 'utf8')
  expect(JSON.parse(profile)).toMatchObject({ traitline: { outputs: { traitline: { schema: 'dbt_tiny' } } } })
})

test('with retries of whatever fails, a broken model fails the attempt and not yet the asset', async () => {
  const world = await dbtWorld('duckdb')
  await world.people([[1, 'Ada', '36']])
  await world.write({ 'models/counts.sql': `select error('not yet') as n from {{ ref('adults') }}` })
  const retry = { attempts: 2, delaySeconds: 1, backoff: 1, jitter: 0, on: 'any' as const }
  const first: unknown = await world.build({ run: 'again', retry }).catch((error: unknown) => error)
  expect(first).toMatchObject({ nonRetryable: false, details: [{ blame: 'user' }] })
  expect(await world.store.assets.outcomes('again', ['model/tiny/adults', 'model/tiny/counts'])).toMatchObject([
    { asset: 'model/tiny/adults', status: 'materialized' },
  ])
  const attempt = new MockActivityEnvironment({ attempt: 2 }, { logger: new DefaultLogger('ERROR') })
  const last = await world.build({ run: 'again', retry, environment: attempt })
  expect(last['model/tiny/counts']).toMatchObject({ status: 'failed' })
  expect(last['model/tiny/adults']).toMatchObject({ status: 'materialized' })
})
