import { expect, test } from 'vitest'
import type { AssetKey, Failure, PlanStep } from '../../contract/index.ts'
import {
  eventsOf,
  freshStore,
  manifestOf,
  materializationOf,
  diffOf,
  planOf,
  plannedRun,
  scope,
  specOf,
  stepInput,
  stepOf,
} from '../../../test/store/fresh-store.ts'
import { pagesOf } from './pages.ts'

const failure: Failure = { code: 'X', message: 'broke', hint: 'Mend it.', blame: 'user' }

test('a run is queued, planned, worked on and finished', async () => {
  const { store } = await freshStore()
  const keys: AssetKey[] = ['trait/a', 'trait/b', 'trait/c']
  await store.assets.register(scope, [...keys, 'trait/d' as const].map(specOf))
  const created = { scope, run: 'r1', revision: 4, selection: 'kind:trait', targets: keys, force: true }
  await store.runs.create(created)
  await store.runs.create({ ...created, revision: 5 })
  expect(await store.runs.get('r1')).toEqual({
    ...scope,
    run: 'r1',
    revision: 4,
    selection: 'kind:trait',
    targets: keys,
    force: true,
    partitions: null,
    status: 'queued',
    queuedAt: expect.any(String) as string,
    startedAt: null,
    endedAt: null,
    counts: {},
    failure: null,
    tags: {},
    priority: null,
    parent: null,
    config: null,
    sync: null,
  })
  expect(await store.runs.hasPlan('r1')).toBe(false)

  const page = await store.runs.savePlan('r1', planOf(['trait/a', 'trait/b'], ['trait/c']))
  expect(page).toEqual({ steps: [stepOf('trait/a'), stepOf('trait/b')], fresh: 1, force: true, next: null })
  expect(await store.runs.savePlan('r1', planOf(['trait/d']))).toEqual(page)
  expect(await store.runs.planPage('r1', 0)).toEqual(page)
  await expect(store.runs.planPage('r1', 1)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  expect(await store.runs.hasPlan('r1')).toBe(true)
  expect(await store.runs.get('r1')).toMatchObject({ status: 'running', counts: { fresh: 1 } })

  await store.assets.startStep(stepInput('r1', 'trait/a'), ['trait/a'], 1)
  await store.assets.recordMaterialization(stepInput('r1', 'trait/a'), materializationOf('trait/a'), '3 users')
  await store.assets.recordOutcomes(scope, 'r1', [{ asset: 'trait/b', status: 'failed', failure }])
  expect(await store.runs.get('r1')).toMatchObject({ counts: { fresh: 1, failed: 1, materialized: 1 } })
  expect(await store.runs.assets('r1')).toMatchObject([
    { asset: 'trait/a', step: 'trait/a', status: 'materialized', attempt: 1, summary: '3 users', rows: 3 },
    { asset: 'trait/b', status: 'failed', failure, startedAt: null, reasons: [{ type: 'never_materialized' }] },
    { asset: 'trait/c', status: 'fresh', reasons: [] },
  ])

  await store.runs.finish('r1', 'failed', null)
  await store.runs.finish('r1', 'cancelled', failure)
  expect(await store.runs.get('r1')).toMatchObject({
    status: 'failed',
    failure: null,
    endedAt: expect.any(String) as string,
  })
  expect((await eventsOf(store, 'r1')).filter((event) => event.startsWith('run_') || event.includes('fresh'))).toEqual([
    ...['run_queued', 'run_started', 'run_planned', 'asset_fresh trait/c', 'run_finished'],
  ])
})

test('a run that ends leaves nothing that looks as if it still ran', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', ['trait/a', 'trait/b'])
  await store.assets.startStep(stepInput('r1', 'trait/a'), ['trait/a'], 1)
  await store.runs.finish('r1', 'failed', failure)
  expect((await store.runs.assets('r1')).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
  expect(await store.assets.status(scope, 'trait/a')).toMatchObject({ status: 'cancelled' })
  expect(await store.runs.get('r1')).toMatchObject({ counts: { cancelled: 2 }, failure })
})

test('a fresh asset is shown as materialised, whatever an earlier run left', async () => {
  const { store } = await freshStore()
  await plannedRun(store, 'r1', ['trait/a'])
  await store.assets.recordMaterialization(stepInput('r1', 'trait/a'), materializationOf('trait/a'), null)
  await plannedRun(store, 'r2', ['trait/a'])
  await store.assets.recordOutcomes(scope, 'r2', [
    { asset: 'trait/a', status: 'upstream_failed', upstream: 'trait/b', reason: 'broke' },
  ])
  await store.runs.create({ scope, run: 'r3', revision: 1, selection: '*', targets: ['trait/a'], force: false })
  expect(await store.runs.savePlan('r3', planOf([], ['trait/a']))).toEqual({
    steps: [],
    fresh: 1,
    force: false,
    next: null,
  })
  expect(await store.assets.status(scope, 'trait/a')).toMatchObject({
    status: 'materialized',
    run: 'r3',
    failure: null,
  })
})

test('runs are listed newest first, in pages; open ones oldest first', async () => {
  const { store } = await freshStore()
  for (const run of ['z', 'a', 'm']) {
    await store.runs.create({ scope, run, revision: 1, selection: '*', targets: [], force: false })
  }
  const names = async (page: { limit: number; before?: string }) =>
    (await store.runs.list(scope, page)).map(({ run }) => run)
  expect(await names({ limit: 2 })).toEqual(['m', 'a'])
  expect(await names({ limit: 2, before: 'a' })).toEqual(['z'])
  await store.runs.finish('a', 'cancelled', null)
  expect((await store.runs.open(scope)).map(({ run }) => run)).toEqual(['z', 'm'])
  expect(await store.runs.list({ ...scope, project: 'other' }, { limit: 2 })).toEqual([])
})

test('a run that is unknown, has ended or plans unknown assets gets no plan', async () => {
  const { store } = await freshStore()
  await expect(store.runs.savePlan('r0', planOf([]))).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  await expect(store.runs.finish('r0', 'failed', null)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' })
  await store.runs.create({ scope, run: 'r1', revision: 1, selection: '*', targets: [], force: false })
  await expect(store.runs.savePlan('r1', planOf(['trait/nope']))).rejects.toMatchObject({ code: 'ASSET_UNKNOWN' })
  expect(await store.runs.get('r1')).toMatchObject({ status: 'queued' })
  await store.runs.finish('r1', 'cancelled', null)
  await expect(store.runs.savePlan('r1', planOf([]))).rejects.toMatchObject({ code: 'RUN_ENDED' })
})

test('two planners of one run keep one plan', async () => {
  const { store } = await freshStore()
  const keys: AssetKey[] = ['trait/a', 'trait/b']
  await store.assets.register(scope, keys.map(specOf))
  await store.runs.create({ scope, run: 'r1', revision: 1, selection: '*', targets: keys, force: false })
  const [first, second] = await Promise.all(keys.map((key) => store.runs.savePlan('r1', planOf([key]))))
  expect(first).toEqual(second)
  expect(await store.runs.assets('r1')).toHaveLength(1)
})

test('a page ends at 200 steps or half a megabyte, and holds one step at least', () => {
  const sizes = (steps: PlanStep[]) => pagesOf(steps).map((page) => (JSON.parse(page) as unknown[]).length)
  const small = Array.from({ length: 450 }, (_, index) => stepOf(`trait/t${index}`))
  expect(sizes(small)).toEqual([200, 200, 50])
  const group = (assets: number): PlanStep => ({
    ...stepOf('model/p/a'),
    assets: Array.from({ length: assets }, (_, index) => stepOf(`model/p/a${index}`).assets[0]!),
  })
  expect(sizes([group(4_000), group(4_000), group(20_000), group(10)])).toEqual([1, 1, 1, 1])
  expect(sizes([])).toEqual([0])
})

test('10,000 assets are deployed, planned and read quickly', async () => {
  const { store } = await freshStore()
  const keys = Array.from({ length: 10_000 }, (_, index): AssetKey => `trait/t${index}`)
  const times: string[] = []
  const timed = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const start = performance.now()
    const answer = await work
    times.push(`${what} ${(performance.now() - start).toFixed(0)} ms`)
    return answer
  }
  const manifest = manifestOf(keys)
  const deployment = { scope, manifest, manifestHash: 'h', diff: diffOf(keys), deployedBy: null }
  await timed('deploy', store.revisions.deploy(deployment))
  await timed('register again', store.assets.register(scope, manifest.assets))
  expect(Object.keys(await timed('states', store.assets.states(scope, keys)))).toHaveLength(10_000)
  await store.runs.create({ scope, run: 'r1', revision: 1, selection: '*', targets: keys, force: false })
  const plan = planOf(keys.slice(0, 5_000), keys.slice(5_000))
  const first = await timed('save plan', store.runs.savePlan('r1', plan))
  expect(first).toMatchObject({ fresh: 5_000, next: 1 })
  const seen: string[] = []
  for (let page: number | null = 0; page !== null;) {
    const { steps, next } = await store.runs.planPage('r1', page)
    seen.push(...steps.map(({ id }) => id))
    page = next
  }
  expect(seen).toEqual(keys.slice(0, 5_000))
  expect(await timed('statuses', store.assets.statuses(scope))).toHaveLength(10_000)
  expect(await timed('run assets', store.runs.assets('r1'))).toHaveLength(10_000)
  const outcomes = keys.slice(0, 5_000).map((asset) => ({ asset, status: 'failed' as const, failure }))
  await timed('5,000 outcomes', store.assets.recordOutcomes(scope, 'r1', outcomes))
  expect(await timed('run', store.runs.get('r1'))).toMatchObject({ counts: { fresh: 5_000, failed: 5_000 } })
  await timed('finish', store.runs.finish('r1', 'failed', null))
  console.log(times.join(', '))
})
