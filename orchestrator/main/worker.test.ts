import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { pythonBin } from '../../test/harness/python.ts'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { warehouseQueue, type Manifest } from '../contract/index.ts'
import { audience, csv, entity, project, source, sql, trait } from '../define/index.ts'
import { connectTemporal, createLauncher, newRunId } from '../launch/index.ts'
import { compileProject, diffManifests } from '../project/index.ts'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { migrate } from '../store/index.ts'
import { openStore } from './records.ts'
import { runWorker, type WorkerConfig } from './worker.ts'

const purchases = source('purchases', {
  table: 'raw.purchases',
  columns: { customer_id: 'text', amount: 'number' },
  load: csv('purchases.csv'),
})
const customer = entity('customer', { key: 'customer_id', type: 'text' })
const spent = trait.continuous('spent', {
  of: customer,
  from: sql`select customer_id, sum(amount) as value from ${purchases} group by customer_id`,
})
const big = audience('big', { of: customer, where: spent.gte(10) })
const shop = project('shop', { assets: [big] })

async function compile(dir: string): Promise<{ manifest: Manifest; hash: string }> {
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'purchases.csv'), 'customer_id,amount\na,4\na,7\nb,1\n')
  return compileProject({ dir, definitions: shop, dbt: () => Promise.reject(new Error('there is no dbt project')) })
}

test('a worker takes the runs of its project, and leaves cleanly when it is told to', async () => {
  const home = await tempDir()
  const database = await freshDatabase()
  await migrate(database.url)
  const store = openStore({ databaseUrl: database.url }, 'traitline test')
  const temporal = await connectTemporal({ address: temporalAddress() })
  onTestFinished(async () => {
    await temporal.close()
    await store.close()
    await database.drop()
  })
  const projectDir = join(home, 'project')
  const { manifest, hash: manifestHash } = await compile(projectDir)
  const scope = { environment: `test-${process.pid}-${Date.now().toString(36)}`, project: 'shop' }
  const diff = diffManifests(null, manifest)
  const { number } = await store.revisions.deploy({ scope, manifest, manifestHash, diff, deployedBy: null })

  const stop = new AbortController()
  let ready: () => void = () => undefined
  const isReady = new Promise<void>((resolve) => (ready = resolve))
  const config: WorkerConfig = {
    scopes: [scope],
    databaseUrl: database.url,
    temporal: { address: temporalAddress() },
    warehouseUrl: 'duckdb:shop.duckdb',
    home,
    projectDir: () => projectDir,
    pythonEnv: inject('pythonEnv'),
    dbtExecutable: pythonBin('dbt'),
    env: {},
    secret: () => undefined,
    buildId: null,
    verbose: false,
    onReady: ready,
    signal: stop.signal,
  }
  const working = runWorker(config)
  await Promise.race([isReady, working])

  const warehouse = createWarehouse({ url: config.warehouseUrl, home })
  onTestFinished(() => warehouse.close())
  const launcher = createLauncher({ client: temporal.client, store })
  const targets = manifest.assets.map((asset) => asset.key)
  const start = { scope, revision: number, manifest, selection: '*', targets, force: false, concurrency: 4 }
  for (const [statuses, rows] of [
    [['materialized', 'materialized', 'materialized'], 1],
    [['fresh', 'fresh', 'fresh'], 1],
  ] as const) {
    const run = newRunId()
    await launcher.startRun({ ...start, run, warehouseQueue: warehouseQueue(warehouse.id, scope) })
    await launcher.waitForRun(scope, run)
    expect(await store.runs.get(run)).toMatchObject({ status: 'succeeded' })
    const assets = await store.runs.assets(run)
    expect(assets.map((asset) => asset.status)).toEqual(statuses)
    expect(await store.assets.status(scope, 'audience/big')).toMatchObject({ status: 'materialized', rows })
  }

  stop.abort()
  await working
  // Its process has left the file: another may open it.
  expect(
    await warehouse.query({ text: 'select customer_id from traitline_shop.audience_big', parameters: [] }),
  ).toEqual([{ customer_id: 'a' }])
})
