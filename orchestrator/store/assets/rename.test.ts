import { expect, test } from 'vitest'
import {
  diffOf,
  freshStore,
  manifestOf,
  materializationOf,
  plannedRun,
  scope,
  stepInput,
} from '../../../test/store/fresh-store.ts'
import type { AssetKey, Manifest } from '../../contract/index.ts'
import type { Store } from '../index.ts'

let deployed = 0
function deploy(store: Store, keys: readonly AssetKey[], formerly: Readonly<Record<AssetKey, AssetKey>> = {}) {
  const manifest = manifestOf(keys)
  const assets = manifest.assets.map((spec) => ({
    ...spec,
    ...(spec.key in formerly && { formerly: formerly[spec.key] }),
  }))
  const renamed: Manifest = { ...manifest, assets: assets as Manifest['assets'] }
  return store.revisions.deploy({
    scope,
    manifest: renamed,
    manifestHash: `h${++deployed}`,
    diff: diffOf([]),
    deployedBy: null,
  })
}

async function materialize(store: Store, run: string, key: AssetKey, upstream: Record<AssetKey, string> = {}) {
  await plannedRun(store, run, [key])
  await store.assets.recordMaterialization(stepInput(run, key), materializationOf(key, { upstream }), null)
  await store.runs.finish(run, 'succeeded', null)
}

const counts = { desired: 3, added: 3, changed: 0, removed: 0, unchanged: 0, invalid: 0 }

test('a renamed asset keeps its materialisations, status, events and sync runs, and is to be made anew', async () => {
  const { store } = await freshStore()
  await deploy(store, ['trait/ltv', 'sync/to_crm'])
  await materialize(store, 'r1', 'trait/ltv')
  await materialize(store, 'r2', 'sync/to_crm', { 'trait/ltv': 'sum-v1:1' })
  const epoch = await store.syncs.acquireWriter(scope, 'sync/to_crm', 'w')
  await store.syncs.begin({
    scope,
    sync: 'sync/to_crm',
    run: 'r2',
    syncRun: 's1',
    epoch,
    mode: 'mirror',
    batches: 0,
    planned: counts,
    warehouse: 'w1',
    target: 't1',
  })

  const renames = { 'trait/value': 'trait/ltv', 'sync/to_sales': 'sync/to_crm' } as const
  await deploy(store, ['trait/value', 'sync/to_sales'], renames)
  const [kept] = await store.assets.materializations(scope, 'trait/value', { limit: 5 })
  expect(kept).toMatchObject({ run: 'r1', asset: 'trait/value', dataVersion: 'sum-v1:1' })
  expect(await store.assets.status(scope, 'trait/value')).toMatchObject({ status: 'materialized', run: 'r1', rows: 3 })
  expect(await store.assets.status(scope, 'trait/ltv')).toBeNull()
  const events = await store.events.after(0, { asset: 'trait/value', scope }, 10)
  expect(events.map(({ type, asset }) => [type, asset])).toContainEqual(['asset_materialized', 'trait/value'])
  expect((await store.syncs.list(scope, 'sync/to_sales', 5)).map(({ syncRun }) => syncRun)).toEqual(['s1'])
  expect((await store.runs.assets('r1')).map(({ asset }) => asset)).toEqual(['trait/value'])

  const states = await store.assets.states(scope, ['trait/value', 'sync/to_sales'])
  expect(states['trait/value']?.latest?.codeVersion).toBe('renamed:c1')
  expect(states['sync/to_sales']?.latest?.upstream).toEqual({ 'trait/value': 'sum-v1:1' })

  // The same again, and a rename of what was renamed: nothing is lost, and nothing is renamed twice.
  await deploy(store, ['trait/value', 'sync/to_sales'], renames)
  await deploy(store, ['trait/worth', 'sync/to_sales'], { 'trait/worth': 'trait/value' })
  expect((await store.assets.materializations(scope, 'trait/worth', { limit: 5 })).map(({ run }) => run)).toEqual([
    'r1',
  ])
  // The first name is free again, and what gets it begins anew.
  await deploy(store, ['trait/worth', 'trait/ltv'], { 'trait/worth': 'trait/value' })
  expect(await store.assets.status(scope, 'trait/ltv')).toMatchObject({ status: 'never' })
})

test('one that was deployed under its new name by mistake takes its history back, unless it has made one', async () => {
  const { store } = await freshStore()
  await deploy(store, ['trait/old', 'trait/other'])
  await materialize(store, 'r1', 'trait/old')
  await materialize(store, 'r2', 'trait/other')
  await deploy(store, ['trait/new'])
  await deploy(store, ['trait/new'], { 'trait/new': 'trait/old' })
  expect(await store.assets.materializations(scope, 'trait/new', { limit: 5 })).toHaveLength(1)
  await expect(deploy(store, ['trait/new'], { 'trait/new': 'trait/other' })).rejects.toMatchObject({
    code: 'RENAME_CONFLICT',
    message: expect.stringContaining('trait/other') as string,
  })
  expect((await store.revisions.latest(scope))?.number).toBe(3)
})

test('what a run works on is not renamed under its hands', async () => {
  const { store } = await freshStore()
  await deploy(store, ['trait/old'])
  await plannedRun(store, 'r1', ['trait/old'])
  await expect(deploy(store, ['trait/new'], { 'trait/new': 'trait/old' })).rejects.toMatchObject({
    code: 'RENAME_WHILE_RUNNING',
    message: expect.stringContaining('r1') as string,
  })
  await store.runs.finish('r1', 'cancelled', null)
  await deploy(store, ['trait/new'], { 'trait/new': 'trait/old' })
  expect(await store.assets.status(scope, 'trait/old')).toBeNull()
})
