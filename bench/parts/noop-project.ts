import type { Client } from '@temporalio/client'
import { Worker, type NativeConnection } from '@temporalio/worker'
import type { MaterializeDeps } from '../../activities/materialize/deps.ts'
import { materializeAsset } from '../../activities/materialize/materialize-asset.ts'
import { manifestCache } from '../../activities/record/manifest-cache.ts'
import { createRecordActivities } from '../../activities/record/record.ts'
import { asActivities } from '../../activities/runtime/index.ts'
import {
  assetKey,
  projectQueue,
  warehouseQueue,
  type Manifest,
  type Scope,
  type StepInput,
  type TraitSpec,
} from '../../orchestrator/contract/index.ts'
import { createLeaseKeeper } from '../../orchestrator/launch/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { bundleOf } from './stack.ts'

/** So many traits that read nothing; with a pool, of which each step needs a slot. */
export function noopManifest(project: string, count: number, pool?: { readonly slots: number }): Manifest {
  const about = { description: null, group: null, owners: [], tags: {}, definedAt: null, deps: [], columns: [] }
  const schema = `traitline_${project}`
  const assets = Array.from({ length: count }, (_, number): TraitSpec => ({
    ...about,
    kind: 'trait',
    key: assetKey('trait', `t${number}`),
    relation: { schema, name: `trait_t${number}` },
    codeVersion: 'v1',
    entity: 'user',
    trait: { type: 'boolean' },
    origin: { type: 'sql', sql: { strings: ['select 1'], refs: [] } },
    ...(pool && { pools: [project] }),
  }))
  return {
    ...{ format: 1, project, timeZone: 'UTC', asOf: null, schema, dbtProjects: [], destinations: [], assets },
    entities: [{ name: 'user', key: { column: 'user_id', type: 'text' }, population: null }],
    ...(pool && { pools: [{ pool: project, slots: pool.slots }] }),
  }
}

export interface RunningWorkers {
  stop(): Promise<void>
}

export function running(workers: readonly Worker[]): RunningWorkers {
  const all = workers.map((worker) => worker.run())
  return {
    async stop() {
      for (const worker of workers) worker.shutdown()
      await Promise.all(all)
    },
  }
}

/** Workers that plan, judge and record as ever, and make nothing. */
export async function startNoopWorkers(
  { native, client, store }: { readonly native: NativeConnection; readonly client: Client; readonly store: Store },
  scopes: readonly Scope[],
): Promise<RunningWorkers> {
  const manifests = manifestCache(store.revisions)
  const warehouse = () => Promise.resolve('bench')
  const deps = {
    ...{ store, manifests, clock: () => new Date() },
    warehouse: { identity: warehouse },
    userCode: () => Promise.reject(new Error('no code here')),
  } as unknown as MaterializeDeps
  const materializeTrait = (input: StepInput) =>
    materializeAsset(deps, input, 'trait', () => Promise.resolve({ rows: 0, dataVersion: 'noop:1', statistics: [] }))
  const { acquireLease, releaseLease } = createLeaseKeeper({ client, leases: store.leases })
  const record = {
    ...createRecordActivities({ store, manifests, warehouse, secrets: () => undefined }),
    ...asActivities({ acquireLease, releaseLease }),
  }
  const workflowBundle = await bundleOf('workflows/index.ts')
  const options = { connection: native, reuseV8Context: true, maxCachedWorkflows: 1_000, workflowBundle }
  return running(
    await Promise.all(
      scopes.flatMap((scope) => [
        Worker.create({ ...options, taskQueue: projectQueue(scope), activities: record }),
        Worker.create({
          ...options,
          taskQueue: warehouseQueue('bench', scope),
          activities: { ...record, ...asActivities({ materializeTrait }) },
        }),
      ]),
    ),
  )
}
