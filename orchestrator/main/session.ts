import { join } from 'node:path'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import type { TraitlineError } from '../contract/index.ts'
import { createSchedules, startDelivery, wakeQuietly, type Launcher } from '../launch/index.ts'
import { packageRoot } from '../process/index.ts'
import { migrate, type Store } from '../store/index.ts'
import { announceRevision } from './automation.ts'
import { defaultConcurrency } from './defaults.ts'
import type { Deployed } from './deploy-project.ts'
import { deployLocations, loadLocations, type Location } from './locations.ts'
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
  /** The first project, and all that are served. */
  readonly deployed: Deployed
  readonly locations: readonly Location[]
  /** The warehouse's id. */
  readonly warehouse: string
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
    const definitions = await loadLocations(settings, say)
    const port = settings.port === null ? 0 : await choosePort('TRAITLINE_PORT', settings.port)
    await openHome(settings.home)
    closers.push(await takeHome(settings.home))
    await ensurePython({ folder: settings.pythonEnv, python: settings.python, onProgress: say })

    const [stack] = await Promise.all([
      startStack(settings, say),
      simulate(settings.home, [...definitions.keys()], say),
    ])
    closers.push(stack.stop)
    const warehouse = createWarehouse({ url: stack.warehouseUrl, home: settings.home })
    closers.push(() => warehouse.close())
    const temporalOptions = stack.temporal === null ? { env } : { address: stack.temporal.address }
    const connections = {
      databaseUrl: stack.databaseUrl,
      temporal: temporalOptions,
      warehouseUrl: stack.warehouseUrl,
      stack: null,
    }
    await migrate(connections.databaseUrl)
    const { store, launcher, backfills, temporal, close } = await openRecords(connections, 'traitline dev')
    closers.push(close)
    await launcher.reconcileRuns()

    const locations = await deployLocations({ definitions, settings, warehouseUrl: stack.warehouseUrl, store, say })
    for (const location of locations) await announceRevision(temporal.client, location.deployed)
    const { deployed } = locations[0] as Location
    const { scope } = deployed
    const isSet = (variable: string): boolean => (settings.secret(variable) ?? '') !== ''
    const manifests = locations.map((location) => location.deployed.manifest)
    const standIns = await startStandIns({ manifests, stack, home: settings.home, isSet, say })
    closers.push(standIns.stop)

    const worker = await startWorkerProcess({
      env: {
        ...env,
        ...standIns.variables,
        ...(stack.temporal === null ? {} : { TEMPORAL_ADDRESS: stack.temporal.address, TEMPORAL_NAMESPACE: 'default' }),
        DATABASE_URL: stack.databaseUrl,
        TRAITLINE_WAREHOUSE: stack.warehouseUrl,
        TRAITLINE_HOME: settings.home,
        TRAITLINE_PROJECT: '',
        TRAITLINE_PYTHON_ENV: settings.pythonEnv,
      },
      args: locations.flatMap(({ deployed: { scope: of }, projectDir }) => [
        '--location',
        `${of.project}=${projectDir}`,
      ]),
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
      backfills,
      schedules: createSchedules(temporal.client),
      wake: (scope) => wakeQuietly(temporal.client, scope),
      webhooks: {
        secret: settings.secret,
        deliver: (scope, delivery) => startDelivery(temporal.client, scope, delivery),
      },
      scope: locations.length === 1 ? scope : undefined,
      pingTemporal: async () => {
        await temporal.connection.workflowService.getSystemInfo({})
      },
      runs: { warehouse: warehouse.id, concurrency: defaultConcurrency },
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
      locations,
      warehouse: warehouse.id,
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

async function simulate(home: string, folders: readonly string[], say: (line: string) => void): Promise<void> {
  const files = (await Promise.all(folders.map((projectDir) => ensureShopData({ home, projectDir })))).flat()
  for (const file of files) {
    if (file.made) say(`simulated ${file.rows.toLocaleString('en-US')} ${file.type} in ${file.seconds.toFixed(1)} s`)
  }
}
