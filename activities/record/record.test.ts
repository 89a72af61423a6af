import { expect, test } from 'vitest'
import type { AssetKey, Failure, RunInput } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { quietEnvironment } from '../../test/harness/activity.ts'
import { diffOf, freshStore, manifestOf, materializationOf, scope, stepInput } from '../../test/store/fresh-store.ts'
import { manifestCache } from './manifest-cache.ts'
import { createRecordActivities } from './record.ts'

const keys: readonly AssetKey[] = ['source/a', 'trait/b', 'audience/c']
const failure: Failure = { code: 'BROKEN', message: 'it is broken', hint: 'mend it', blame: 'user' }

async function deployed(): Promise<{ store: Store; input: RunInput }> {
  const { store } = await freshStore()
  const plain = manifestOf(keys)
  const deps: Record<string, AssetKey[]> = { 'trait/b': ['source/a'], 'audience/c': ['trait/b'] }
  const manifest = { ...plain, assets: plain.assets.map((spec) => ({ ...spec, deps: deps[spec.key] ?? [] })) }
  const { number } = await store.revisions.deploy({
    scope,
    manifest: manifest as typeof plain,
    manifestHash: 'h',
    diff: diffOf(keys),
    deployedBy: null,
  })
  await store.assets.register(scope, manifest.assets as typeof plain.assets)
  await store.runs.create({ scope, run: 'run-1', revision: number, selection: '*', targets: keys, force: false })
  return { store, input: { ...scope, run: 'run-1', revision: number, warehouseQueue: 'w', concurrency: 4 } }
}

/** As another worker would have them: nothing remembered. */
function activities(store: Store, warehouse = 'w1', secrets: (name: string) => string | undefined = () => 'set') {
  return createRecordActivities({
    store,
    manifests: manifestCache(store.revisions),
    warehouse: () => Promise.resolve(warehouse),
    secrets,
  })
}

const perform = <T>(work: () => Promise<T>): Promise<T> => quietEnvironment().run<[], T, () => Promise<T>>(work)

test('a run is planned once: whatever happens meanwhile, it is the same plan for ever', async () => {
  const { store, input } = await deployed()
  const first = await perform(() => activities(store).planRun(input))
  expect(first.steps.map(({ id, after }) => [id, after])).toEqual([
    ['source/a', []],
    ['trait/b', ['source/a']],
    ['audience/c', ['trait/b']],
  ])
  expect(first.steps[1]?.assets[0]).toMatchObject({ deps: ['source/a'] })
  await store.assets.recordMaterialization(
    stepInput('run-1', 'source/a'),
    materializationOf('source/a', { warehouse: 'w1' }),
    null,
  )
  expect(await perform(() => activities(store).planRun(input))).toEqual(first)
  expect(await perform(() => activities(store).planPage({ run: 'run-1', page: 0 }))).toEqual(first)
})

test('a failure ends the assets of a step that have no outcome, and tells of all', async () => {
  const { store, input } = await deployed()
  const record = activities(store)
  await perform(() => record.planRun(input))
  await store.assets.recordMaterialization(stepInput('run-1', 'source/a'), materializationOf('source/a'), null)
  const asset = (key: AssetKey) => ({ key, reasons: [], deps: [] })
  const step = {
    id: 'dbt/x',
    workflow: 'buildDbtModels',
    assets: [asset('source/a'), asset('trait/b')],
    after: [],
  } as const
  const failed = { ...stepInput('run-1', 'trait/b', step), failure }
  const outcome = await perform(() => record.recordFailure(failed))
  expect(Object.fromEntries(outcome.assets.map((each) => [each.asset, each.status]))).toEqual({
    'source/a': 'materialized',
    'trait/b': 'failed',
  })
  expect(await perform(() => record.recordFailure({ ...failed, failure: null }))).toEqual(outcome)
})

test('an asset keeps the outcome that it had, and whoever records another is told', async () => {
  const { store, input } = await deployed()
  const record = activities(store)
  await perform(() => record.planRun(input))
  const blocked = {
    asset: 'trait/b',
    status: 'upstream_failed',
    upstream: 'source/a',
    reason: 'a check failed',
  } as const
  const outcomes = [blocked, { asset: 'audience/c', status: 'fresh' }] as const
  expect(await perform(() => record.recordOutcomes({ ...input, outcomes }))).toEqual([])
  const fresh = outcomes.map(({ asset }) => ({ asset, status: 'fresh' as const }))
  expect(await perform(() => record.recordOutcomes({ ...input, outcomes: fresh }))).toEqual([blocked])
})

test('the end of a run is recorded with its reason', async () => {
  const { store, input } = await deployed()
  const record = activities(store)
  await perform(() => record.planRun(input))
  const counts = { materialized: 0, fresh: 0, failed: 1, upstream_failed: 0, cancelled: 2 }
  await perform(() => record.finishRun({ ...input, result: { status: 'failed', counts }, failure }))
  expect(await store.runs.get('run-1')).toMatchObject({ status: 'failed', failure })
})

test('a revision or a run that nobody recorded is named', async () => {
  const { store, input } = await deployed()
  const record = activities(store)
  await expect(perform(() => record.planRun({ ...input, revision: 9 }))).rejects.toMatchObject({
    type: 'REVISION_MISSING',
    nonRetryable: true,
  })
  await expect(perform(() => record.planRun({ ...input, run: 'nobody' }))).rejects.toMatchObject({
    type: 'RUN_MISSING',
  })
})

test('manifests are read once, the last few kept, and a failed read is tried again', async () => {
  let reads = 0
  let down = true
  const manifests = manifestCache({
    get(_, number) {
      reads++
      if (down) return Promise.reject(new Error('down'))
      return Promise.resolve({ number, manifest: manifestOf([]) } as never)
    },
  })
  await expect(manifests(scope, 1)).rejects.toThrow('down')
  down = false
  await Promise.all([manifests(scope, 1), manifests(scope, 1)])
  expect(reads).toBe(2)
  for (let revision = 2; revision <= 9; revision++) await manifests(scope, revision)
  reads = 0
  await manifests(scope, 9)
  expect(reads).toBe(0)
  await manifests(scope, 1)
  expect(reads).toBe(1)
})
