import { fileURLToPath } from 'node:url'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { runWorkflowId } from '../contract/index.ts'
import type { AssetKey, AssetSpec, Manifest, Scope } from '../contract/index.ts'
import { createStore, migrate } from '../store/index.ts'
import type { Store } from '../store/index.ts'
import { connectTemporal, createLauncher, newRunId } from './index.ts'
import type { Launcher, TemporalConnection } from './index.ts'
import { reconcileRuns } from './reconcile.ts'

const scope: Scope = { environment: `launch-${process.pid}-${Date.now()}`, project: 'shop' }
const ltv: AssetKey = 'trait/ltv'
const manifest: Manifest = {
  format: 1,
  project: 'shop',
  timeZone: 'UTC',
  asOf: null,
  schema: 'traitline_shop',
  entities: [],
  dbtProjects: [],
  destinations: [],
  assets: [{ key: ltv, kind: 'trait', deps: [] } as unknown as AssetSpec],
}

let store: Store
let temporal: TemporalConnection
let launcher: Launcher
const taskQueue = `warehouse/launcher-${process.pid}`
const cleanUp: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const database = await freshDatabase()
  await migrate(database.url)
  store = createStore({ url: database.url })
  temporal = await connectTemporal({ address: temporalAddress() })
  launcher = createLauncher({ client: temporal.client, store })
  const connection = await NativeConnection.connect(temporal.connectionOptions)
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('../../test/launch/stub-run.ts', import.meta.url)),
  })
  const running = worker.run()
  const diff = { added: [ltv], removed: [], changed: [], described: [], settings: [] }
  await store.revisions.deploy({ scope, manifest, manifestHash: 'h1', diff, deployedBy: null })
  cleanUp.push(
    () => Promise.resolve(worker.shutdown()),
    () => running,
    () => connection.close(),
    () => temporal.close(),
    () => store.close(),
    () => database.drop(),
  )
})

afterAll(async () => {
  for (const step of cleanUp) await step()
})

function start(run: string, targets: readonly AssetKey[] = [ltv], by: Launcher = launcher) {
  const queues = { concurrency: 4, warehouseQueue: taskQueue }
  return by.startRun({ scope, revision: 1, manifest, selection: '*', targets, force: false, ...queues, run })
}

test('a run is recorded, started and waited for', async () => {
  const started = await start('succeeds')
  expect(started).toEqual({ run: 'succeeds', workflowId: runWorkflowId(scope, 'succeeds') })
  expect(await launcher.waitForRun(scope, 'succeeds')).toMatchObject({ status: 'succeeded', selection: '*' })
  expect(await launcher.describeRun(scope, 'succeeds')).toMatchObject({
    row: { status: 'succeeded' },
    workflow: { state: 'completed' },
  })
  const description = await temporal.client.workflow.getHandle(started.workflowId).describe()
  expect(await description.staticSummary()).toBe('Materialise *')
  expect(description.memo).toMatchObject({ revision: 1, selection: '*' })
})

test('the same run started twice is one', async () => {
  await start('waits-twice')
  await start('waits-twice')
  await launcher.cancelRun(scope, 'waits-twice')
  await launcher.waitForRun(scope, 'waits-twice')
  expect(await start('waits-twice')).toMatchObject({ run: 'waits-twice' })
  expect((await store.runs.get('waits-twice'))!.status).toBe('cancelled')
})

test('a cancelled run ends as cancelled', async () => {
  await start('waits')
  expect(await launcher.describeRun(scope, 'waits')).toMatchObject({ workflow: { state: 'running' } })
  await launcher.cancelRun(scope, 'waits')
  expect(await launcher.waitForRun(scope, 'waits')).toMatchObject({ status: 'cancelled', failure: null })
})

test('a run whose workflow fails says why', async () => {
  await start('fails')
  expect(await launcher.waitForRun(scope, 'fails')).toMatchObject({
    status: 'failed',
    failure: { code: 'PLAN_BROKEN', hint: 'Fix it.' },
  })
})

test('waiting can be given up', async () => {
  await start('waits-long')
  const abort = new AbortController()
  const waiting = launcher.waitForRun(scope, 'waits-long', abort.signal)
  abort.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await launcher.cancelRun(scope, 'waits-long')
})

test('a run that cannot be started ends as failed', async () => {
  const { Client } = await import('@temporalio/client')
  const client = new Client({ connection: temporal.connection, namespace: 'nowhere' })
  const lost = createLauncher({ client, store })
  const error = { code: 'TEMPORAL_NAMESPACE_UNKNOWN', message: expect.stringContaining('nowhere') as string }
  await expect(start('never', [ltv], lost)).rejects.toMatchObject(error)
  expect(await store.runs.get('never')).toMatchObject({ status: 'failed', failure: error })
})

test('targets that the revision does not have are named, and nothing is recorded', async () => {
  await expect(start('unknown', ['trait/nope'])).rejects.toMatchObject({
    code: 'ASSET_UNKNOWN',
    message: expect.stringContaining('trait/nope') as string,
  })
  expect(await store.runs.get('unknown')).toBeNull()
})

test('a restarted server ends the record of runs whose workflow is gone', async () => {
  await start('waits-terminated')
  await temporal.client.workflow.getHandle(runWorkflowId(scope, 'waits-terminated')).terminate()
  await start('waits-on')
  await store.runs.create({ scope, run: 'no-workflow', revision: 1, selection: '*', targets: [ltv], force: false })
  const describe = async (row: { run: string }) => (await launcher.describeRun(scope, row.run)).workflow

  await launcher.reconcileRuns()
  expect(await store.runs.get('waits-terminated')).toMatchObject({ status: 'failed', failure: { code: 'RUN_LOST' } })
  expect(await store.runs.get('no-workflow')).toMatchObject({ status: 'queued' })

  await reconcileRuns(store, describe, Date.now() + 3_600_000)
  expect(await store.runs.get('no-workflow')).toMatchObject({ status: 'failed', failure: { code: 'RUN_LOST' } })
  expect(await store.runs.get('waits-on')).toMatchObject({ status: 'queued' })
  await launcher.cancelRun(scope, 'waits-on')
})

test('a run without a workflow is cancelled in the record', async () => {
  await store.runs.create({ scope, run: 'only-recorded', revision: 1, selection: '*', targets: [ltv], force: false })
  await launcher.cancelRun(scope, 'only-recorded')
  expect(await store.runs.get('only-recorded')).toMatchObject({ status: 'cancelled' })
})

test('run ids are UUIDs that sort by time', () => {
  const ids = [1, 1_000, Date.UTC(2026, 0), Date.UTC(2090, 0)].map((time) => newRunId(time))
  expect([...ids].sort()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a queue that nobody works on is known as such', async () => {
  expect(await launcher.hasWorker(taskQueue)).toBe(true)
  expect(await launcher.hasWorker('warehouse/nobody')).toBe(false)
})
