import { expect, test } from 'vitest'
import type { AssetKey, Failure } from '../../contract/index.ts'
import {
  eventsOf,
  freshStore,
  materializationOf,
  plannedRun,
  scope,
  specOf,
  stepInput,
} from '../../../test/store/fresh-store.ts'

const ltv: AssetKey = 'trait/ltv'
const vip: AssetKey = 'audience/vip'
const failure: Failure = { code: 'COLUMN_MISSING', message: 'no column amount', hint: 'Add it.', blame: 'user' }

test('what is wiped is as if it had never been materialised, and its history stays', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', [ltv, vip])
  for (const key of [ltv, vip]) {
    await store.assets.startStep(stepInput('r1', key), [key], 1)
    await store.assets.recordMaterialization(stepInput('r1', key), materializationOf(key), null)
  }
  await expect(store.assets.wipe(scope, [ltv])).rejects.toMatchObject({ code: 'WIPE_WHILE_RUNNING' })
  await store.runs.finish('r1', 'succeeded', null)

  expect(await store.assets.wipe(scope, [ltv, 'trait/unknown'])).toEqual([ltv])
  expect(await store.assets.wipe(scope, [ltv])).toEqual([])
  expect(await store.assets.states(scope, [ltv, vip])).toMatchObject({
    [ltv]: { latest: null, lastAttempt: 'none' },
    [vip]: { latest: { dataVersion: 'sum-v1:1' } },
  })
  const [last] = (await store.events.after(0, {}, 1000)).slice(-1)
  expect(last).toMatchObject({ type: 'asset_wiped', asset: ltv, run: null })
  expect(await store.assets.status(scope, ltv)).toMatchObject({
    ...{ status: 'never', run: null, rows: null, materializedAt: null, sequence: last?.sequence },
  })
  expect(await store.assets.materializations(scope, ltv, { limit: 5 })).toHaveLength(1)
})

test('an asset is registered, begins, is materialised, fails, and is fresh again', async () => {
  const { store } = await freshStore()
  expect(await store.assets.status(scope, ltv)).toBeNull()
  expect(await store.assets.states(scope, [ltv])).toEqual({
    [ltv]: { key: ltv, latest: null, lastAttempt: 'none' },
  })

  await plannedRun(store, 'r1', [ltv])
  await store.assets.register(scope, [specOf(ltv)])
  expect(await store.assets.status(scope, ltv)).toMatchObject({ status: 'never', run: null, sequence: 0 })

  await store.assets.startStep(stepInput('r1', ltv), [ltv], 1)
  expect(await store.assets.status(scope, ltv)).toMatchObject({ status: 'running', run: 'r1' })

  const outcome = await store.assets.recordMaterialization(
    stepInput('r1', ltv),
    materializationOf(ltv, {
      upstream: { 'model/shop/customers': 'sum-v1:9' },
      checks: [
        { name: 'unique', severity: 'error', passed: false, failures: 2, message: 'got 2 results' },
        { name: 'recent', severity: 'warn', passed: false, failures: null, message: null },
        { name: 'not_null', severity: 'error', passed: true, failures: 0, message: null },
      ],
      metadata: { auc: 0.8 },
    }),
    '3 users',
  )
  expect(outcome).toEqual({
    asset: ltv,
    status: 'materialized',
    dataVersion: 'sum-v1:1',
    rows: 3,
    durationMs: 1500,
    failedChecks: ['unique'],
    summary: '3 users',
  })
  expect(await store.assets.outcomes('r1', [ltv, vip])).toEqual([outcome])
  expect(await store.assets.states(scope, [ltv])).toEqual({
    [ltv]: {
      key: ltv,
      latest: {
        codeVersion: 'c1',
        dataVersion: 'sum-v1:1',
        upstream: { 'model/shop/customers': 'sum-v1:9' },
        warehouse: 'w1',
        durationMs: 1500,
        failedChecks: ['unique'],
      },
      lastAttempt: 'succeeded',
    },
  })
  const events = await store.events.after(0, { run: 'r1' }, 100)
  expect(await store.assets.statuses(scope)).toEqual([
    {
      asset: ltv,
      status: 'materialized',
      run: 'r1',
      materializedAt: '2026-01-31T10:00:01.500Z',
      rows: 3,
      dataVersion: 'sum-v1:1',
      codeVersion: 'c1',
      failedChecks: ['unique'],
      failure: null,
      sequence: events.at(-1)!.sequence,
    },
  ])
  expect(events.map(({ type }) => type)).toEqual([
    'run_queued',
    'run_started',
    'run_planned',
    'step_started',
    'asset_materialized',
    'check_evaluated',
    'check_evaluated',
    'check_evaluated',
  ])

  await plannedRun(store, 'r2', [ltv])
  await store.assets.startStep(stepInput('r2', ltv), [ltv], 1)
  await store.assets.recordOutcomes(scope, 'r2', [{ asset: ltv, status: 'failed', failure }])
  expect(await store.assets.status(scope, ltv)).toMatchObject({ status: 'failed', failure, run: 'r2', rows: 3 })
  expect((await store.assets.states(scope, [ltv]))[ltv]).toMatchObject({ lastAttempt: 'failed', latest: {} })

  await plannedRun(store, 'r3', [ltv])
  await store.assets.recordOutcomes(scope, 'r3', [{ asset: ltv, status: 'fresh' }])
  expect(await store.assets.status(scope, ltv)).toMatchObject({ status: 'materialized', failure: null, run: 'r3' })
})

test('what is recorded twice is recorded once', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', [ltv, vip])
  const step = stepInput('r1', ltv)
  for (let call = 0; call < 2; call++) {
    await store.assets.startStep(step, [ltv], 1)
    await store.assets.recordOutcomes(scope, 'r1', [{ asset: vip, status: 'failed', failure }])
  }
  await store.assets.startStep(step, [ltv], 2)
  await store.assets.startStep(step, [ltv], 1)
  const first = await store.assets.recordMaterialization(step, materializationOf(ltv), null)
  const second = await store.assets.recordMaterialization(step, materializationOf(ltv, { dataVersion: 'other' }), 'x')
  expect(second).toEqual(first)
  await store.assets.startStep(step, [ltv], 3)
  await store.assets.recordOutcomes(scope, 'r1', [
    { asset: ltv, status: 'cancelled' },
    { asset: vip, status: 'fresh' },
    { asset: vip, status: 'cancelled' },
  ])
  expect(await store.assets.outcomes('r1', [vip, ltv])).toEqual([{ asset: vip, status: 'failed', failure }, first])
  expect(await store.assets.materializations(scope, ltv, { limit: 10 })).toHaveLength(1)
  expect(await eventsOf(store, 'r1')).toEqual([
    'run_queued',
    'run_started',
    'run_planned',
    `step_started ${ltv}`,
    `asset_failed ${vip}`,
    `step_retried ${ltv}`,
    `asset_materialized ${ltv}`,
  ])
})

test('two writers of the same outcome agree on one', async () => {
  const { store } = await freshStore()
  const keys = Array.from({ length: 20 }, (_, index): AssetKey => `trait/t${index}`)
  await plannedRun(store, 'r1', keys)
  const record = (key: AssetKey, dataVersion: string) =>
    store.assets.recordMaterialization(stepInput('r1', key), materializationOf(key, { dataVersion }), null)
  const outcomes = await Promise.all(
    keys.flatMap((key) => [record(key, 'a'), record(key, 'b'), store.assets.startStep(stepInput('r1', key), [key], 1)]),
  )
  const versions = outcomes.flatMap((outcome) => ('dataVersion' in outcome ? [outcome.dataVersion] : []))
  for (let index = 0; index < versions.length; index += 2) expect(versions[index]).toBe(versions[index + 1])
  // Batches in opposite orders do not wait for each other in a circle.
  await plannedRun(store, 'r2', keys)
  const cancelled = keys.map((asset) => ({ asset, status: 'cancelled' as const }))
  await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      store.assets.recordOutcomes(scope, 'r2', index % 2 ? cancelled : [...cancelled].reverse()),
    ),
  )
  const events = await eventsOf(store, 'r2')
  expect(events.filter((event) => event.startsWith('asset_cancelled'))).toHaveLength(keys.length)
})

test('an asset that is cancelled before it began keeps its status; one that had begun is tried again', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', [ltv, vip])
  for (const key of [ltv, vip]) {
    await store.assets.recordMaterialization(stepInput('r1', key), materializationOf(key), null)
  }
  await plannedRun(store, 'r2', [ltv, vip])
  await store.assets.startStep(stepInput('r2', vip), [vip], 1)
  await store.assets.recordOutcomes(scope, 'r2', [
    { asset: ltv, status: 'cancelled' },
    { asset: vip, status: 'cancelled' },
  ])
  expect(await store.assets.status(scope, ltv)).toMatchObject({ status: 'materialized', run: 'r1' })
  expect(await store.assets.status(scope, vip)).toMatchObject({ status: 'cancelled', run: 'r2', rows: 3 })
  expect(await store.assets.states(scope, [ltv, vip])).toMatchObject({
    [ltv]: { lastAttempt: 'succeeded' },
    [vip]: { lastAttempt: 'failed' },
  })
})

test('an asset that waited for a failed one says for which, and is not blamed for an attempt', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', [vip])
  const outcome = { asset: vip, status: 'upstream_failed' as const, upstream: ltv, reason: 'no column amount' }
  await store.assets.recordOutcomes(scope, 'r1', [outcome])
  expect(await store.assets.outcomes('r1', [vip])).toEqual([outcome])
  expect(await store.assets.status(scope, vip)).toMatchObject({
    status: 'upstream_failed',
    failure: { code: 'UPSTREAM_FAILED', message: 'trait/ltv: no column amount' },
  })
  expect((await store.assets.states(scope, [vip]))[vip]!.lastAttempt).toBe('none')
})

test('what was materialised after its run gave it up counts all the same', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', [ltv])
  await store.assets.startStep(stepInput('r1', ltv), [ltv], 1)
  await store.runs.finish('r1', 'failed', failure)
  expect((await store.runs.get('r1'))!.counts).toEqual({ cancelled: 1 })
  await store.assets.recordMaterialization(stepInput('r1', ltv), materializationOf(ltv), null)
  expect((await store.runs.get('r1'))!.counts).toEqual({ materialized: 1 })
  expect(await store.assets.status(scope, ltv)).toMatchObject({ status: 'materialized' })
})

test('history is read in pages, newest first', async () => {
  const { store } = await freshStore()
  for (const run of ['r1', 'r2', 'r3']) {
    await plannedRun(store, run, [ltv])
    const checks = ['a', 'b'].map((name) => ({
      name,
      severity: 'warn' as const,
      passed: true,
      failures: 0,
      message: null,
    }))
    const statistics = [
      { column: 'ltv', count: 3, nulls: 0, distinct: 3, numeric: null, categories: [{ value: 'true', count: 3 }] },
    ]
    await store.assets.recordMaterialization(stepInput(run, ltv), materializationOf(ltv, { checks, statistics }), null)
  }
  const [newest, middle] = await store.assets.materializations(scope, ltv, { limit: 2 })
  expect([newest!.run, middle!.run]).toEqual(['r3', 'r2'])
  expect(newest).toMatchObject({
    ...materializationOf(ltv),
    statistics: [{ categories: [{ value: 'true', count: 3 }] }],
    checks: [{ name: 'a' }, { name: 'b' }],
    revision: 1,
    endedAt: '2026-01-31T10:00:01.500Z',
  })
  const rest = await store.assets.materializations(scope, ltv, { limit: 2, before: middle!.id })
  expect(rest.map(({ run }) => run)).toEqual(['r1'])
  const checks = await store.checks.history(scope, ltv, { limit: 3 })
  expect(checks.map(({ run, name }) => `${run} ${name}`)).toEqual(['r3 a', 'r3 b', 'r2 a'])
})

test('assets and runs that are not in the record are named', async () => {
  const { store } = await freshStore()
  await expect(
    store.assets.recordMaterialization(stepInput('r1', ltv), materializationOf(ltv), null),
  ).rejects.toMatchObject({ code: 'ASSET_UNKNOWN', message: expect.stringContaining(ltv) as string })
  await store.assets.register(scope, [specOf(ltv)])
  await expect(
    store.assets.recordMaterialization(stepInput('r1', ltv), materializationOf(ltv), null),
  ).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  await plannedRun(store, 'r1', [ltv])
  await expect(store.assets.recordOutcomes(scope, 'r1', [{ asset: vip, status: 'fresh' }])).rejects.toMatchObject({
    code: 'ASSET_UNKNOWN',
    message: expect.stringContaining(vip) as string,
  })
})

test('texts with characters that Postgres refuses are kept without them', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', [ltv])
  const metadata = { note: 'a\0b\ud800c \\u0000 é' }
  await store.assets.recordMaterialization(stepInput('r1', ltv), materializationOf(ltv, { metadata }), 'one\0two')
  const [row] = await store.assets.materializations(scope, ltv, { limit: 1 })
  expect(row!.metadata).toEqual({ note: 'ab\uFFFDc \\u0000 é' })
  expect(await store.assets.outcomes('r1', [ltv])).toMatchObject([{ summary: 'onetwo' }])
})
