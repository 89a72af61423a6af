/**
 * What a no-op asset costs in a run of 2,000, planned, judged and recorded in PostgreSQL, beside a bare child workflow
 * with one local activity on the same server in the same run, and beside Dagster in process with SQLite. Prints one line
 * of JSON; times in milliseconds an asset.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { createRecordActivities } from '../activities/record/record.ts'
import { materializeAsset } from '../activities/materialize/materialize-asset.ts'
import { asActivities } from '../activities/runtime/index.ts'
import { manifestCache } from '../activities/record/manifest-cache.ts'
import type { MaterializeDeps } from '../activities/materialize/deps.ts'
import {
  assetKey,
  projectQueue,
  warehouseQueue,
  type Manifest,
  type StepInput,
  type TraitSpec,
} from '../orchestrator/contract/index.ts'
import { createLauncher } from '../orchestrator/launch/index.ts'
import { startPostgres } from '../orchestrator/main/stack/postgres.ts'
import { startTemporal } from '../orchestrator/main/stack/temporal.ts'
import { freePort, packageRoot } from '../orchestrator/process/index.ts'
import { createStore, migrate } from '../orchestrator/store/index.ts'
import { measureDagster } from './peers/dagster.ts'

const assets = 2_000
const concurrency = 50
const rounds = 2
/** Dagster's cost an asset is the same from 50 to 200. */
const dagsterAssets = 100
const scope = { environment: 'bench', project: 'bench' }
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }

const traits = Array.from({ length: assets }, (_, number): TraitSpec => {
  const name = `t${number}`
  return {
    kind: 'trait',
    key: assetKey('trait', name),
    description: null,
    group: null,
    owners: [],
    tags: {},
    definedAt: null,
    deps: [],
    relation: { schema: 'traitline_bench', name: `trait_${name}` },
    columns: [],
    codeVersion: 'v1',
    entity: 'user',
    trait: { type: 'boolean' },
    origin: { type: 'sql', sql: { strings: ['select 1'], refs: [] } },
  }
})

const manifest: Manifest = {
  format: 1,
  project: scope.project,
  timeZone: 'UTC',
  asOf: null,
  schema: 'traitline_bench',
  entities: [{ name: 'user', key: { column: 'user_id', type: 'text' }, population: null }],
  dbtProjects: [],
  destinations: [],
  assets: traits,
}

const folder = await mkdtemp('/var/tmp/traitline-bench-')
await chmod(folder, 0o711)
const pythonEnv = process.env['TRAITLINE_PYTHON_ENV'] ?? join(packageRoot(), '.traitline/python')
const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: await freePort() })
const temporal = await startTemporal({
  executable: join(pythonEnv, 'bin/temporal'),
  folder: join(folder, 'temporal'),
  port: await freePort(),
  uiPort: await freePort(),
})
try {
  process.stdout.write(`${JSON.stringify(await measure())}\n`)
} finally {
  await temporal.stop()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

async function measure(): Promise<object> {
  Runtime.install({ logger: quiet })
  await postgres.ensureDatabase('bench')
  await migrate(postgres.url('bench'))
  const store = createStore({ url: postgres.url('bench') })
  const connection = await Connection.connect({ address: temporal.address })
  const native = await NativeConnection.connect({ address: temporal.address })
  const client = new Client({ connection })
  const workers = await startWorkers(native, store)
  try {
    const revision = await store.revisions.deploy({
      scope,
      manifest,
      manifestHash: 'bench',
      diff: { added: [], removed: [], changed: [], described: [], settings: [] },
      deployedBy: null,
    })
    await store.assets.register(scope, traits)
    const launcher = createLauncher({ client, store })
    const ours: number[] = []
    const bare: number[] = []
    // The first round warms both up.
    for (let round = 0; round <= rounds; round++) {
      const began = performance.now()
      const { run } = await launcher.startRun({
        scope,
        revision: revision.number,
        manifest,
        selection: '*',
        targets: traits.map((trait) => trait.key),
        force: true,
        concurrency,
        warehouseQueue: warehouseQueue('bench', scope),
      })
      await launcher.waitForRun(scope, run)
      const middle = performance.now()
      await client.workflow.execute('bareParent', {
        taskQueue: 'bare',
        workflowId: `bare-${round}`,
        args: [assets, concurrency],
      })
      if (round === 0) continue
      ours.push((middle - began) / assets)
      bare.push((performance.now() - middle) / assets)
    }
    const ratios = ours.map((time, round) => time / (bare[round] as number))
    const dagster = await measureDagster('noop', dagsterAssets)
    return {
      bench: 'noop-assets',
      assets,
      concurrency,
      ms: round3(ours),
      bareMs: round3(bare),
      ratio: median(ratios),
      dagster,
      dagsterRatio: dagster && round3([median(ours) / (dagster.ms['asset'] ?? 0)])[0],
      aim: 1.3,
    }
  } finally {
    await workers.stop()
    await store.close()
    await native.close()
    await connection.close()
  }
}

async function startWorkers(
  connection: NativeConnection,
  store: ReturnType<typeof createStore>,
): Promise<{ stop(): Promise<void> }> {
  const manifests = manifestCache(store.revisions)
  const deps = {
    store,
    manifests,
    warehouse: { identity: () => Promise.resolve('bench') },
    clock: () => new Date(),
    userCode: () => Promise.reject(new Error('no code here')),
  } as unknown as MaterializeDeps
  const materializeTrait = (input: StepInput) =>
    materializeAsset(deps, input, 'trait', () => Promise.resolve({ rows: 0, dataVersion: 'noop:1', statistics: [] }))
  const bundle = (path: string) => bundleWorkflowCode({ workflowsPath: join(packageRoot(), path), logger: quiet })
  const options = { connection, reuseV8Context: true, maxCachedWorkflows: 1_000 }
  const workflows = await bundle('workflows/index.ts')
  const record = {
    ...createRecordActivities({
      store,
      manifests,
      warehouse: () => Promise.resolve('bench'),
      secrets: () => undefined,
    }),
  }
  const workers = await Promise.all([
    Worker.create({
      ...options,
      taskQueue: projectQueue(scope),
      workflowBundle: workflows,
      activities: record,
    }),
    Worker.create({
      ...options,
      taskQueue: warehouseQueue('bench', scope),
      workflowBundle: workflows,
      activities: { ...record, ...asActivities({ materializeTrait }) },
    }),
    Worker.create({
      ...options,
      taskQueue: 'bare',
      workflowBundle: await bundle('bench/noop-workflows.ts'),
      activities: { nothing: () => Promise.resolve() },
    }),
  ])
  const running = workers.map((worker) => worker.run())
  return {
    async stop() {
      for (const worker of workers) worker.shutdown()
      await Promise.all(running)
    },
  }
}

function median(values: readonly number[]): number {
  return round3([...values].sort((a, b) => a - b))[Math.floor(values.length / 2)] as number
}

function round3(values: readonly number[]): number[] {
  return values.map((value) => Math.round(value * 1_000) / 1_000)
}
