/**
 * What a slot of a pool costs: runs of no-op assets whose steps need one, in a pool so wide that nobody waits and in one
 * so narrow that most do, beside the same run without a pool, on the same server in turns. Prints one line of JSON;
 * times in milliseconds an asset.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { MaterializeDeps } from '../activities/materialize/deps.ts'
import { materializeAsset } from '../activities/materialize/materialize-asset.ts'
import { manifestCache } from '../activities/record/manifest-cache.ts'
import { createRecordActivities } from '../activities/record/record.ts'
import { asActivities } from '../activities/runtime/index.ts'
import {
  assetKey,
  projectQueue,
  warehouseQueue,
  type Manifest,
  type StepInput,
  type TraitSpec,
} from '../orchestrator/contract/index.ts'
import { createLauncher, createLeaseKeeper } from '../orchestrator/launch/index.ts'
import { startPostgres } from '../orchestrator/main/stack/postgres.ts'
import { startTemporal } from '../orchestrator/main/stack/temporal.ts'
import { freePort, packageRoot } from '../orchestrator/process/index.ts'
import { createStore, migrate } from '../orchestrator/store/index.ts'

const assets = 200
const concurrency = 50
const rounds = 2
/** Slots by kind of run: as many as there are steps under way, and a fifth of them. */
const slots = { none: null, wide: concurrency, narrow: concurrency / 5 } as const
type Kind = keyof typeof slots
const kinds = Object.keys(slots) as Kind[]

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const scopeOf = (kind: Kind) => ({ environment: 'bench', project: kind })

function manifestOf(kind: Kind): Manifest {
  const limit = slots[kind]
  const about = { description: null, group: null, owners: [], tags: {}, definedAt: null, deps: [], columns: [] }
  const traits = Array.from({ length: assets }, (_, number): TraitSpec => ({
    ...about,
    kind: 'trait',
    key: assetKey('trait', `t${number}`),
    relation: { schema: `traitline_${kind}`, name: `trait_t${number}` },
    codeVersion: 'v1',
    entity: 'user',
    trait: { type: 'boolean' },
    origin: { type: 'sql', sql: { strings: ['select 1'], refs: [] } },
    ...(limit !== null && { pools: [kind] }),
  }))
  return {
    ...{ format: 1, project: kind, timeZone: 'UTC', asOf: null, schema: `traitline_${kind}`, dbtProjects: [] },
    entities: [{ name: 'user', key: { column: 'user_id', type: 'text' }, population: null }],
    destinations: [],
    assets: traits,
    ...(limit !== null && { pools: [{ pool: kind, slots: limit }] }),
  }
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
  const launcher = createLauncher({ client, store })
  const workers = await startWorkers(native, client, store)
  try {
    const manifests = new Map(kinds.map((kind) => [kind, manifestOf(kind)]))
    const diff = { added: [], removed: [], changed: [], described: [], settings: [] }
    for (const [kind, manifest] of manifests) {
      const deployed = { scope: scopeOf(kind), manifest, manifestHash: kind, diff, deployedBy: null }
      await store.revisions.deploy(deployed)
    }
    const ms: Record<Kind, number[]> = { none: [], wide: [], narrow: [] }
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const [kind, manifest] of manifests) {
        const scope = scopeOf(kind)
        const began = performance.now()
        const { run } = await launcher.startRun({
          ...{ scope, revision: 1, manifest, selection: '*', force: true, concurrency },
          targets: manifest.assets.map(({ key }) => key),
          warehouseQueue: warehouseQueue('bench', scope),
        })
        const { status } = await launcher.waitForRun(scope, run)
        if (status !== 'succeeded') throw new Error(`the run ${kind} ${status}`)
        if (round > 0) ms[kind].push((performance.now() - began) / assets)
      }
    }
    const ratio = (kind: Kind): number =>
      rounded(ms[kind].reduce((sum, time, at) => sum + time / (ms.none[at] as number), 0) / rounds)
    const rows = Object.fromEntries(kinds.map((kind) => [kind, ms[kind].map(rounded)]))
    return {
      bench: 'pools',
      assets,
      concurrency,
      slots,
      ms: rows,
      wideRatio: ratio('wide'),
      narrowRatio: ratio('narrow'),
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
  client: Client,
  store: ReturnType<typeof createStore>,
): Promise<{ stop(): Promise<void> }> {
  const manifests = manifestCache(store.revisions)
  const deps = {
    ...{ store, manifests, clock: () => new Date() },
    warehouse: { identity: () => Promise.resolve('bench') },
    userCode: () => Promise.reject(new Error('no code here')),
  } as unknown as MaterializeDeps
  const materializeTrait = (input: StepInput) =>
    materializeAsset(deps, input, 'trait', () => Promise.resolve({ rows: 0, dataVersion: 'noop:1', statistics: [] }))
  const { acquireLease, releaseLease } = createLeaseKeeper({ client, leases: store.leases })
  const warehouse = () => Promise.resolve('bench')
  const record = {
    ...createRecordActivities({ store, manifests, warehouse, secrets: () => undefined }),
    ...asActivities({ acquireLease, releaseLease }),
  }
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: join(packageRoot(), 'workflows/index.ts'),
    logger: quiet,
  })
  const options = { connection, reuseV8Context: true, maxCachedWorkflows: 1_000, workflowBundle }
  const workers = await Promise.all(
    kinds.map(scopeOf).flatMap((scope) => [
      Worker.create({ ...options, taskQueue: projectQueue(scope), activities: record }),
      Worker.create({
        ...options,
        taskQueue: warehouseQueue('bench', scope),
        activities: { ...record, ...asActivities({ materializeTrait }) },
      }),
    ]),
  )
  const running = workers.map((worker) => worker.run())
  return {
    async stop() {
      for (const worker of workers) worker.shutdown()
      await Promise.all(running)
    },
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
