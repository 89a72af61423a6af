import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { eventually } from '../../test/harness/eventually.ts'
import { warehouseQueue } from '../contract/index.ts'
import { audience, check, csv, entity, freshWithin, project, source, sql, trait } from '../define/index.ts'
import { createLauncher, newRunId } from '../launch/index.ts'
import { workerWorld } from './world.fixture.ts'

const purchases = source('purchases', {
  table: 'raw.purchases',
  columns: { customer_id: 'text', amount: 'number' },
  load: csv('purchases.csv'),
  checks: [
    check.sql('no_refunds', (self) => sql`select * from ${self} where amount < 0`),
    check.typescript('some', { module: 'checks/some.ts', export: 'some', severity: 'warn' }),
  ],
  freshness: freshWithin({ failAfterMinutes: 60 }),
})
const customer = entity('customer', { key: 'customer_id', type: 'text' })
const spent = trait.continuous('spent', {
  of: customer,
  from: sql`select customer_id, sum(amount) as value from ${purchases} group by customer_id`,
  checks: [check.drift({ minRows: 1 })],
})
const shop = project('shop', { assets: [audience('big', { of: customer, where: spent.gte(10) })] })

test('a failed check stops a run, in a worker as it is composed; put right, it is renewed by itself', async () => {
  const { home, dir: projectDir, warehouseUrl, store, temporal, scope, deploy, work } = await workerWorld()
  await mkdir(join(projectDir, 'checks'), { recursive: true })
  const csvFile = join(projectDir, 'purchases.csv')
  await writeFile(csvFile, 'customer_id,amount\na,14\nb,-1\n')
  await writeFile(
    join(projectDir, 'checks/some.ts'),
    "import type { CheckFunction } from 'traitline'\nexport const some: CheckFunction = async ({ table, query }) => {\n  const [row] = await query(`select count(*) as n from ${table}`)\n  return { passed: Number(row?.['n']) > 2, value: Number(row?.['n']) }\n}\n",
  )
  const { manifest, revision } = await deploy(shop)
  const warehouse = createWarehouse({ url: warehouseUrl, home })
  onTestFinished(() => warehouse.close())
  await work()
  const launcher = createLauncher({ client: temporal.client, store })
  const targets = manifest.assets.map((asset) => asset.key)
  const on = { scope, revision, manifest, selection: '*', targets, concurrency: 4 }
  const queue = warehouseQueue(warehouse.id, scope)
  const run = async (): Promise<Record<string, string>> => {
    const id = newRunId()
    await launcher.startRun({ ...on, run: id, force: false, warehouseQueue: queue })
    await launcher.waitForRun(scope, id)
    return Object.fromEntries((await store.runs.assets(id)).map(({ asset, status }) => [asset, status]))
  }
  const checkAll = async (): Promise<unknown> => {
    const started = await launcher.startChecks({ ...on, accept: false, warehouseQueue: queue })
    await eventually(async () => (await store.checks.run(started.run))?.endedAt !== null)
    const row = await store.checks.run(started.run)
    return [row?.status, row?.counts]
  }

  expect(await run()).toEqual({
    'source/purchases': 'materialized',
    'trait/spent': 'upstream_failed',
    'audience/big': 'upstream_failed',
  })
  expect(await store.assets.status(scope, 'source/purchases')).toMatchObject({ failedChecks: ['no_refunds'] })
  const some = await store.checks.history(scope, 'source/purchases', { limit: 1, name: 'some' })
  expect(some).toMatchObject([{ passed: false, blocking: false, metadata: { value: 2 } }])
  expect(await checkAll()).toEqual(['failed', { passed: 0, warned: 1, failed: 1, skipped: 1 }])

  await writeFile(csvFile, 'customer_id,amount\na,14\nb,1\nc,2\n')
  expect(await run()).toEqual({
    'source/purchases': 'materialized',
    'trait/spent': 'materialized',
    'audience/big': 'materialized',
  })
  expect(await checkAll()).toEqual(['passed', { passed: 3, warned: 0, failed: 0, skipped: 0 }])
  await eventually(async () => (await store.freshness.recorded(scope))[0]?.status === 'ok')
})
