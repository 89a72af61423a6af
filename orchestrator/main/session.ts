import { join } from 'node:path'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { warehouseQueue, type TraitlineError } from '../contract/index.ts'
import { createSchedules, type Launcher } from '../launch/index.ts'
import { packageRoot } from '../process/index.ts'
import { loadProject } from '../project/index.ts'
import { migrate, type Store } from '../store/index.ts'
import { announceRevision } from './automation.ts'
import { defaultConcurrency } from './defaults.ts'
import { deployProject, type Deployed } from './deploy-project.ts'
import { executedNotebooks } from './executed-notebook.ts'
import { openRecords } from './records.ts'
import { serveApp } from './server.ts'
import type { Settings } from './settings.ts'
import { ensureShopData } from './shop-data.ts'
import { openHome, removeStackFile, takeHome, writeStackFile } from './stack/home.ts'
import { ensurePython } from './stack/python.ts'
import { choosePort, startStack } from './stack/stack.ts'
import { startStandIns, type StandIns } from './stack/stand-ins.ts'
import { startWorkerProcess, type WorkerProcess } from './stack/worker-process.ts'

/** A whole Traitline on this machine: stack, worker, server, and one project deployed to it. */
export interface Session {
  readonly store: Store
  readonly launcher: Launcher
  readonly deployed: Deployed
  readonly warehouseQueue: string
  readonly warehouseUrl: string
  readonly url: string
  readonly temporalUiUrl: string | null
  readonly standIns: StandIns
  readonly worker: WorkerProcess
  /** A variable as the worker sees it. */
  variable(name: string): string | undefined
  stop(): Promise<void>
}

export interface SessionOptions {
  readonly verbose: boolean
  readonly say: (line: string) => void
  /** The worker died too often; the session is of no more use. */
  readonly onBroken: (error: TraitlineError) => void
}

export { defaultConcurrency } from './defaults.ts'

/** Starts it. What was started is stopped again, last first, if a later part fails. */
export async function startSession(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  { verbose, say, onBroken }: SessionOptions,
): Promise<Session> {
  const closers: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    while (closers.length > 0) await closers.pop()?.()
  }
  try {
    // What can be told without a stack is told before there is one.
    const definitions = await loadProject(settings.projectDir)
    const port = settings.port === null ? 0 : await choosePort('TRAITLINE_PORT', settings.port)
    await openHome(settings.home)
    closers.push(await takeHome(settings.home))
    await ensurePython({ folder: settings.pythonEnv, python: settings.python, onProgress: say })

    const [stack] = await Promise.all([startStack(settings, say), simulate(settings, say)])
    closers.push(stack.stop)
    const warehouse = createWarehouse({ url: stack.warehouseUrl, home: settings.home })
    closers.push(() => warehouse.close())
    const queue = warehouseQueue(warehouse.id)
    const temporalOptions = stack.temporal === null ? { env } : { address: stack.temporal.address }
    const connections = {
      databaseUrl: stack.databaseUrl,
      temporal: temporalOptions,
      warehouseUrl: stack.warehouseUrl,
      stack: null,
    }
    await migrate(connections.databaseUrl)
    const { store, launcher, temporal, close } = await openRecords(connections, 'traitline dev')
    closers.push(close)
    await launcher.reconcileRuns()

    const deployed = await deployProject({
      definitions,
      settings,
      warehouseUrl: stack.warehouseUrl,
      store,
      deployedBy: null,
    })
    const { scope, manifest } = deployed
    await announceRevision(temporal.client, deployed)
    const isSet = (variable: string): boolean => (settings.secret(variable) ?? '') !== ''
    const standIns = await startStandIns({ manifest, stack, home: settings.home, isSet, say })
    closers.push(standIns.stop)

    const worker = await startWorkerProcess({
      env: {
        ...env,
        ...standIns.variables,
        ...(stack.temporal === null ? {} : { TEMPORAL_ADDRESS: stack.temporal.address, TEMPORAL_NAMESPACE: 'default' }),
        DATABASE_URL: stack.databaseUrl,
        TRAITLINE_WAREHOUSE: stack.warehouseUrl,
        TRAITLINE_HOME: settings.home,
        TRAITLINE_PROJECT: settings.projectDir,
        TRAITLINE_PYTHON_ENV: settings.pythonEnv,
      },
      args: ['--name', scope.project],
      cwd: settings.projectDir,
      verbose,
      onRestart: say,
      onGivenUp: onBroken,
    })
    closers.push(worker.stop)

    const { slack } = standIns
    const temporalUiUrl = stack.temporal?.uiUrl ?? null
    const served = await serveApp({
      store,
      launcher,
      schedules: createSchedules(temporal.client),
      scope,
      pingTemporal: async () => {
        await temporal.connection.workflowService.getSystemInfo({})
      },
      runs: { warehouseQueue: queue, concurrency: defaultConcurrency },
      notebooks: executedNotebooks(settings.home),
      uiDir: join(packageRoot(), 'dist/ui'),
      host: settings.host,
      port,
      apiToken: settings.apiToken ?? undefined,
      workflowUrl:
        temporalUiUrl === null
          ? undefined
          : (id) => `${temporalUiUrl}/namespaces/default/workflows/${encodeURIComponent(id)}`,
      messages: slack === null ? undefined : () => Promise.resolve(slack.messages()),
      onError: (error) => say(`server: ${error instanceof Error ? error.message : String(error)}`),
    })
    closers.push(served.close)

    await writeStackFile(settings.home, {
      pid: process.pid,
      project: scope.project,
      projectDir: settings.projectDir,
      databaseUrl: stack.databaseUrl,
      temporalAddress: stack.temporal?.address ?? null,
      temporalUiUrl,
      warehouseUrl: stack.warehouseUrl,
      serverUrl: served.url,
      variables: standIns.variables,
    })
    closers.push(() => removeStackFile(settings.home))
    return {
      store,
      launcher,
      deployed,
      warehouseQueue: queue,
      warehouseUrl: stack.warehouseUrl,
      url: served.url,
      temporalUiUrl,
      standIns,
      worker,
      variable: (name) => standIns.variables[name] ?? settings.secret(name),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function simulate(settings: Settings, say: (line: string) => void): Promise<void> {
  for (const file of await ensureShopData({ home: settings.home, projectDir: settings.projectDir })) {
    if (file.made) say(`simulated ${file.rows.toLocaleString('en-US')} ${file.type} in ${file.seconds.toFixed(1)} s`)
  }
}
