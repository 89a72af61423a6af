import { join } from 'node:path'
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker'
import { createCheckActivities, type UserCode } from '../../activities/checks/index.ts'
import { createBackfillActivities } from '../../activities/backfill/index.ts'
import { createDbtActivities } from '../../activities/dbt/index.ts'
import { createLaunchActivities } from '../../activities/launch/await-step.ts'
import { createMaintenanceActivities } from '../../activities/maintenance/maintain.ts'
import { createMaterializeActivities } from '../../activities/materialize/index.ts'
import { createNotebookActivities } from '../../activities/notebook/index.ts'
import { knownIdentity } from '../../activities/record/known-identity.ts'
import { manifestCache } from '../../activities/record/manifest-cache.ts'
import { recordAttempts } from '../../activities/record/attempts.ts'
import { createRecordActivities } from '../../activities/record/record.ts'
import { asActivities, createRedactor, redactedLogs } from '../../activities/runtime/index.ts'
import { createDryRunActivities } from '../../activities/sync/dry-run.ts'
import { createSyncActivities } from '../../activities/sync/index.ts'
import { createWatchActivities } from '../../activities/watch/watch.ts'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { resolveConnector } from '../../connectors/driver/index.ts'
import {
  projectQueue,
  warehouseQueue,
  type LeaseActivities,
  type RecordActivities,
  type Scope,
  type CheckActivities,
  type DryRunActivities,
  type WarehouseActivities,
  type TraitlineError,
  type WatchActivities,
} from '../contract/index.ts'
import {
  connectTemporal,
  createLauncher,
  scheduleMaintenance,
  createLeaseKeeper,
  temporalError,
  wakeAutomation,
  type LeaseKeeper,
  type TemporalOptions,
} from '../launch/index.ts'
import { loadTrigger, loadUserFunction, userResources } from '../project/index.ts'
import type { Store } from '../store/index.ts'
import type { Warehouse } from '../../activities/warehouse/warehouse.ts'
import { announceLatest, automationActivities, triggerActivities } from './automation-worker.ts'
import { workflowBundle } from './bundle-workflows.ts'
import { childEnvironment, connectorEnvironment } from './child-environment.ts'
import { followForFreshness } from './freshness-waker.ts'
import { ownWarehouse } from './own-warehouse.ts'
import type { OpenLineageConfig } from './openlineage-settings.ts'
import { openStore } from './records.ts'
import { resourceProblems } from './resource-problems.ts'
import { versionOf } from './worker-version.ts'
import { startBackground } from './worker-background.ts'

export interface WorkerConfig {
  /** The projects that it works for; all on one warehouse. */
  readonly scopes: readonly Scope[]
  readonly databaseUrl: string
  readonly temporal: TemporalOptions
  readonly warehouseUrl: string
  readonly home: string
  /** Folder of a project: what the paths in its manifest are relative to. */
  readonly projectDir: (scope: Scope) => string
  /** Folder of the locked Python environment. */
  readonly pythonEnv: string
  readonly dbtExecutable: string
  /** What dbt and notebooks see of the environment, and, as far as they need it, connectors. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What an EnvRef of a destination's configuration stands for. */
  readonly secret: (name: string) => string | undefined
  /** Without one, workers are not versioned. */
  readonly buildId?: string | null
  /** Where OpenLineage's events go; left out or null, there are none. */
  readonly openLineage?: OpenLineageConfig | null
  /** Where people open the page. */
  readonly publicUrl?: string | null
  readonly verbose: boolean
  /** Told, before work is taken, what some of it will fail for. */
  readonly onProblem?: (problem: TraitlineError) => void
  /** Called once, when work is being taken. */
  readonly onReady: () => void
  /** Shuts the worker down, as SIGINT and SIGTERM do. */
  readonly signal?: AbortSignal
}

/**
 * Works until it is told to stop, on each project's two queues. Runs are on that of the warehouse: only its owner can
 * tell what is in it.
 * Steps under way at the end are interrupted and tried again by the next worker.
 */
export async function runWorker(config: WorkerConfig): Promise<void> {
  // Its logs of activities that failed are for those who run the worker: users read the record.
  Runtime.install({ logger: new DefaultLogger(config.verbose ? 'INFO' : 'ERROR'), telemetryOptions: quietCore(config) })
  const closing: (() => Promise<unknown>)[] = []
  try {
    const opened = openStore(config, 'traitline worker')
    closing.unshift(() => opened.close())
    const store = { ...opened, logs: redactedLogs(opened.logs, createRedactor(config.env)) }
    const temporal = await connectTemporal(config.temporal)
    closing.unshift(() => temporal.close())
    const connection = await NativeConnection.connect(temporal.connectionOptions ?? {}).catch((error: unknown) => {
      throw temporalError(error, temporal)
    })
    closing.unshift(() => connection.close())
    const warehouse = createWarehouse({ url: config.warehouseUrl, home: config.home })
    closing.unshift(await ownWarehouse(warehouse, config.signal))
    closing.unshift(() => warehouse.close())

    const common = { ...tuning, connection, namespace: temporal.namespace }
    const bundle = await workflowBundle(Runtime.instance().logger)
    const { client } = temporal
    const forProjects = {
      ...projectActivities(config, store, warehouse, (scope) => wakeAutomation(client, scope)),
      ...automationActivities({
        ...{ store, client, manifests: manifestCache(store.revisions) },
        warehouse: warehouse.id,
      }),
      ...createBackfillActivities({ store, manifests: manifestCache(store.revisions) }),
      ...triggerActivities({
        ...{ store, manifests: manifestCache(store.revisions) },
        resources: userResources({ projectDir: config.projectDir, variable: config.secret }),
        loadTrigger: (scope, kind, code) => loadTrigger(config.projectDir(scope), kind, code),
      }),
      ...createLaunchActivities({ client }),
      ...leaseActivities(createLeaseKeeper({ client, leases: store.leases })),
      ...createMaintenanceActivities({ store, home: config.home, clock: () => new Date() }),
    }
    const forWarehouse = { ...forProjects, ...warehouseActivities(config, store, warehouse) }
    const workers = await Promise.all(
      config.scopes.flatMap((scope) => [
        Worker.create({
          ...common,
          ...versionOf(scope, config.buildId ?? null),
          taskQueue: projectQueue(scope),
          workflowBundle: bundle,
          activities: { ...forProjects },
        }),
        Worker.create({
          ...common,
          ...versionOf(scope, config.buildId ?? null),
          taskQueue: warehouseQueue(warehouse.id, scope),
          workflowBundle: bundle,
          activities: { ...forWarehouse },
        }),
      ]),
    )
    const onError = (error: unknown): void => {
      if (config.verbose) Runtime.instance().logger.warn('lineage', { error })
    }
    closing.unshift(startBackground({ ...config, onError }, store, warehouse.dialect))
    await announceLatest(store, client, config.scopes)
    const resources = userResources({ projectDir: config.projectDir, variable: config.secret })
    for (const problem of await resourceProblems(resources, store.revisions, config.scopes)) config.onProblem?.(problem)
    const { wakeFreshness } = createLauncher({ client, store })
    closing.unshift(await watchFreshness(config, store, wakeFreshness))
    await Promise.all(config.scopes.map((scope) => scheduleMaintenance(client, scope)))
    await runAll(workers, config)
  } finally {
    for (const close of closing) await close()
  }
}

/** For a machine of two cores: a handful of steps at work, and more that wait for a lease or a destination. */
const tuning = {
  maxConcurrentActivityTaskExecutions: 24,
  maxConcurrentLocalActivityExecutions: 24,
  // A worker that is killed leaves tasks on its own queue: others take them over after this.
  stickyQueueScheduleToStartTimeout: '3s',
  // A cancellation reaches an activity with the answer to a heartbeat.
  maxHeartbeatThrottleInterval: '1s',
  defaultHeartbeatThrottleInterval: '500ms',
  reuseV8Context: true,
  shutdownGraceTime: '2s',
  shutdownForceTime: '15s',
} satisfies Partial<WorkerOptions>

function quietCore({ verbose }: WorkerConfig): { logging: { filter: string; forward: object } } {
  return { logging: { filter: verbose ? 'temporalio_sdk_core=INFO' : 'temporalio_sdk_core=ERROR', forward: {} } }
}

function projectActivities(
  config: WorkerConfig,
  store: Store,
  warehouse: Warehouse,
  wake: (scope: Scope) => Promise<void>,
): RecordActivities & WatchActivities {
  const manifests = manifestCache(store.revisions)
  const identity = knownIdentity(() => warehouse.identity())
  return {
    ...createRecordActivities({ store, manifests, warehouse: identity, secrets: config.secret, wake }),
    ...createWatchActivities({ store, manifests, clock: () => new Date(), wake }),
  }
}

function leaseActivities({ acquireLease, releaseLease }: LeaseKeeper): LeaseActivities {
  return asActivities({ acquireLease, releaseLease })
}

function warehouseActivities(
  config: WorkerConfig,
  store: Store,
  warehouse: Warehouse,
): WarehouseActivities & CheckActivities & DryRunActivities {
  const { home, projectDir, dbtExecutable, pythonEnv } = config
  const common = {
    warehouse,
    store,
    manifests: manifestCache(store.revisions),
    home,
    projectDir,
    clock: () => new Date(),
    userCode: ((scope, code) => loadUserFunction(projectDir(scope), code)) satisfies UserCode,
    resources: userResources({ projectDir, variable: config.secret }),
  }
  const environment = childEnvironment(config.env)
  const pythonExecutable = join(pythonEnv, 'bin/python')
  return recordAttempts(
    store.events,
    asActivities<WarehouseActivities & CheckActivities & DryRunActivities>({
      ...createCheckActivities(common),
      ...createMaterializeActivities(common),
      ...createDbtActivities({ ...common, dbtExecutable, environment }),
      ...createNotebookActivities({ ...common, pythonExecutable, environment }),
      ...createDryRunActivities({ ...common, secrets: config.secret }),
      ...createSyncActivities({
        ...common,
        secrets: config.secret,
        resolveConnector: (ref, context) =>
          resolveConnector(ref, { home, env: connectorEnvironment(config.env), pythonExecutable, ...context }),
      }),
    }),
  )
}

/** Has freshness judged when something happened, and now. */
function watchFreshness(
  config: WorkerConfig,
  store: Store,
  wake: (scope: Scope) => Promise<void>,
): Promise<() => Promise<void>> {
  const onError = (error: unknown): void => {
    if (config.verbose) Runtime.instance().logger.warn('freshness', { error })
  }
  return followForFreshness({ store, manifest: manifestCache(store.revisions), wake, onError }, config.scopes)
}

async function runAll(workers: readonly Worker[], { onReady, signal }: WorkerConfig): Promise<void> {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  signal?.addEventListener('abort', stop, { once: true })
  const running = workers.map((worker) => worker.run())
  // One that fails takes the others along: half a worker would leave runs hanging.
  for (const each of running) each.catch(stop)
  if (signal?.aborted === true) stop()
  else onReady()
  const ended = await Promise.allSettled(running)
  signal?.removeEventListener('abort', stop)
  for (const each of ended) if (each.status === 'rejected') throw each.reason
}
