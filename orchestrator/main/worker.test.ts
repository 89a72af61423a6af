import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { warehouseQueue } from '../contract/index.ts'
import { audience, csv, entity, project, source, sql, trait } from '../define/index.ts'
import { createLauncher, newRunId } from '../launch/index.ts'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { workerWorld } from './world.fixture.ts'

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

test('a worker takes the runs of its project, and leaves cleanly when it is told to', async () => {
  const { home, dir, warehouseUrl, store, temporal, scope, deploy, work } = await workerWorld()
  await writeFile(join(dir, 'purchases.csv'), 'customer_id,amount\na,4\na,7\nb,1\n')
  const { manifest, revision: number } = await deploy(shop)
  const { stop } = await work()
  const warehouse = createWarehouse({ url: warehouseUrl, home })
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

  await stop()
  // Its process has left the file: another may open it.
  expect(
    await warehouse.query({ text: 'select customer_id from traitline_shop.audience_big', parameters: [] }),
  ).toEqual([{ customer_id: 'a' }])
})
