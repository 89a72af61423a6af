import { expect, test } from 'vitest'
import type { AssetKey, AssetSpec, PartitionsSpec, RunInput } from '../../orchestrator/contract/index.ts'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { diffOf, freshStore, manifestOf, scope, stepInput } from '../../test/store/fresh-store.ts'
import { manifestCache } from './manifest-cache.ts'
import { createRecordActivities } from './record.ts'

const cut = (every: 'hour' | 'day', start = '2026-01-01'): PartitionsSpec => ({
  dimensions: [{ type: 'time', name: every, every, start, end: '2027-01-01', timeZone: 'UTC', offsetMinutes: 0 }],
})
const hourly: AssetKey = 'source/events'
const daily: AssetKey = 'trait/visits'
const last: AssetKey = 'trait/recent'
const long: AssetKey = 'trait/long'
const whole: AssetKey = 'audience/now'
const extra: Record<string, Partial<AssetSpec>> = {
  [hourly]: { partitions: cut('hour') },
  [daily]: {
    deps: [hourly],
    partitions: cut('day'),
    mappings: { [hourly]: { hour: { type: 'window', of: 'day' } } },
  } as Partial<AssetSpec>,
  [last]: {
    deps: [daily],
    partitions: cut('day'),
    mappings: { [daily]: { day: { type: 'last', of: 'day', count: 2 } } },
  } as Partial<AssetSpec>,
  [long]: { partitions: cut('hour', '2020-01-01') },
  [whole]: { deps: [last], mappings: { [last]: { day: { type: 'latest' } } } } as Partial<AssetSpec>,
}

async function deployed() {
  const { store } = await freshStore()
  const keys = [hourly, daily, last, long, whole]
  const plain = manifestOf(keys)
  const manifest = {
    ...plain,
    asOf: '2026-02-01T00:00:00Z',
    assets: plain.assets.map((spec) => ({ ...spec, ...extra[spec.key] }) as AssetSpec),
  }
  const { number } = await store.revisions.deploy({
    ...{ scope, manifest, manifestHash: 'h', diff: diffOf(keys), deployedBy: null },
  })
  const activities = createRecordActivities({
    store,
    manifests: manifestCache(store.revisions),
    warehouse: () => Promise.resolve('w'),
    secrets: () => 'set',
  } as Parameters<typeof createRecordActivities>[0])
  let runs = 0
  return {
    store,
    async plan(targets: readonly AssetKey[], partitions: string | null) {
      const run = `run-${++runs}`
      await store.runs.create({ scope, run, revision: number, selection: '*', targets, force: false, partitions })
      const input: RunInput = { ...scope, run, revision: number, warehouseQueue: 'w', concurrency: 4 }
      const work = () => activities.planRun(input)
      return { run, page: await quietEnvironment().run<[], Awaited<ReturnType<typeof work>>, typeof work>(work) }
    },
    async made(asset: AssetKey, partitions: readonly string[], run: string, upstream: Record<AssetKey, string> = {}) {
      await store.partitions.record(
        stepInput(run, asset),
        asset,
        partitions.map((partition) => ({
          ...{ partition, position: Date.parse(`${partition}Z`), codeVersion: 'c1', dataVersion: `v:${partition}` },
          ...{
            upstream,
            warehouse: 'w',
            rows: 1,
            startedAt: new Date().toISOString(),
            durationMs: 1,
            failedChecks: [],
          },
        })),
      )
    },
  }
}

test('partitions of a range are cut into steps that wait for those that they read', async () => {
  const { plan, store } = await deployed()
  const { page, run } = await plan([hourly, daily, last, whole], '2026-01-05..2026-01-06')
  const steps = new Map(page.steps.map((step) => [step.id, step]))
  expect(page.steps.map(({ id, assets }) => [id, assets.length])).toEqual([
    ...Array.from({ length: 8 }, (_, at) => [
      `source/events/2026-01-0${5 + Math.floor(at / 4)}T${String((at % 4) * 6).padStart(2, '0')}:00..2026-01-0${5 + Math.floor(at / 4)}T${String((at % 4) * 6 + 5).padStart(2, '0')}:00`,
      6,
    ]),
    ['trait/visits/2026-01-05', 1],
    ['trait/visits/2026-01-06', 1],
    ['trait/recent/2026-01-05', 1],
    ['trait/recent/2026-01-06', 1],
    ['audience/now', 1],
  ])
  expect(steps.get('trait/visits/2026-01-06')?.after).toHaveLength(4)
  expect(steps.get('trait/visits/2026-01-06')?.assets[0]?.deps).toHaveLength(24)
  // The day before is not selected: what is there of it will do, or is missing when it begins.
  expect(steps.get('trait/recent/2026-01-05')?.after).toEqual(['trait/visits/2026-01-05'])
  expect(steps.get('trait/recent/2026-01-06')?.after).toEqual(['trait/visits/2026-01-05', 'trait/visits/2026-01-06'])
  expect(steps.get('audience/now')).toMatchObject({
    after: ['trait/recent/2026-01-05', 'trait/recent/2026-01-06'],
    assets: [{ deps: ['trait/recent@2026-01-05', 'trait/recent@2026-01-06'] }],
  })
  expect(await store.runs.assets(run)).toMatchObject([
    { asset: hourly, partitions: 48 },
    { asset: daily, partitions: 2 },
    { asset: last, partitions: 2 },
    { asset: whole, partitions: null },
  ])
  expect(await store.partitions.ofRun(run, { limit: 3, offset: 48 })).toMatchObject([
    { asset: daily, partition: '2026-01-05', status: 'planned' },
    { partition: '2026-01-06' },
    { asset: last },
  ])
})

test('the latest unless something is said; what is fresh is not planned, what is missing is found', async () => {
  const { plan, made, store } = await deployed()
  const first = await plan([daily], null)
  expect(first.page.steps.map(({ id }) => id)).toEqual(['trait/visits/2026-01-31'])
  const hours = Array.from({ length: 24 }, (_, at) => `2026-01-31T${String(at).padStart(2, '0')}:00`)
  await made(hourly, hours, first.run)
  const read = (await plan([daily], '2026-01-31')).page.steps[0]?.assets[0]
  expect(read?.reasons).toEqual([{ type: 'never_materialized' }])
  const missing = await plan([daily], 'missing')
  expect(missing.page.steps.flatMap(({ assets }) => assets)).toHaveLength(31)
  await made(daily, ['2026-01-31', '2026-01-30'], first.run, { [hourly]: 'other' })
  expect((await plan([daily], 'missing')).page.steps.flatMap(({ assets }) => assets)).toHaveLength(29)
  const stale = await plan([daily], '2026-01-31')
  expect(stale.page.steps[0]?.assets[0]?.reasons).toEqual([{ type: 'upstream_changed', upstream: hourly }])
  await store.runs.finish(stale.run, 'cancelled', null)
})

test('what cannot be planned says why', async () => {
  const { plan } = await deployed()
  await expect(plan([daily], '2026-03-01')).rejects.toMatchObject({ type: 'PARTITION_UNKNOWN', nonRetryable: true })
  await expect(plan([whole], '2026-01-01')).rejects.toMatchObject({ type: 'PARTITION_UNKNOWN' })
  // More than a run should hold: six years of hours.
  await expect(plan([long], 'missing')).rejects.toMatchObject({ type: 'PARTITIONS_TOO_MANY', nonRetryable: true })
})

test('a failure is recorded for the partitions of a step, one by one', async () => {
  const { plan, store } = await deployed()
  const { run } = await plan([daily], '2026-01-01..2026-01-03')
  const keys = ['2026-01-01', '2026-01-02']
  const record = createRecordActivities({ store } as never)
  const step = {
    id: 'x',
    workflow: 'materializeTrait' as const,
    after: [],
    assets: keys.map((partition) => ({ key: daily, partition, reasons: [], deps: [] })),
  }
  const failure = { code: 'BROKEN', message: 'it is broken', hint: 'mend it', blame: 'user' } as const
  const work = () => record.recordFailure({ ...stepInput(run, daily, step), failure })
  const outcome = await quietEnvironment().run<[], Awaited<ReturnType<typeof work>>, typeof work>(work)
  expect(outcome.assets).toEqual(keys.map((partition) => ({ asset: daily, partition, status: 'failed', failure })))
})
