import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { warehouseQueue, type AssetKey } from '../contract/index.ts'
import { audience, automation, csv, entity, project, source, sql, trait } from '../define/index.ts'
import { createLauncher, createSchedules, newRunId } from '../launch/index.ts'
import { createServer } from '../server/index.ts'
import { workerWorld } from './world.fixture.ts'

const purchases = source('purchases', {
  table: 'raw.purchases',
  columns: { customer_id: 'text', amount: 'number' },
  load: csv('purchases.csv'),
  automation: automation.onCron('0 6 * * *', { timeZone: 'Europe/Berlin' }),
})
const customer = entity('customer', { key: 'customer_id', type: 'text' })
const spent = trait.continuous('spent', {
  of: customer,
  from: sql`select customer_id, sum(amount) as value from ${purchases} group by customer_id`,
  automation: automation.eager(),
})
const big = audience('big', { of: customer, where: spent.gte(10), automation: automation.eager() })
const shop = project('shop', { assets: [big] })

test('a cron starts the source, and what is eager follows by itself, once', async () => {
  const { home, dir, warehouseUrl, store, temporal, scope, deploy, work } = await workerWorld()
  const schedules = createSchedules(temporal.client)
  const file = join(dir, 'purchases.csv')
  await writeFile(file, 'customer_id,amount\na,4\na,7\nb,1\n')
  const { manifest } = await deploy(shop)
  onTestFinished(async () => void (await schedules.reconcile(scope, { ...manifest, assets: [] })))
  await work()
  const statusOf = async (asset: AssetKey) => (await store.assets.status(scope, asset))?.status
  const finished = async (count: number) => {
    await eventually(async () => (await store.runs.list(scope, { limit: 10 })).length >= count)
    await eventually(async () => (await store.runs.open(scope)).length === 0)
  }

  await eventually(async () => (await store.automation.latest(scope, null)).length === 3)
  const [waiting] = await store.automation.latest(scope, ['trait/spent'])
  expect(waiting!.summary).toBe('not yet: source/purchases was never materialised')

  await schedules.trigger(scope, 'cron/0 6 * * * Europe/Berlin')
  await eventually(async () => (await statusOf('audience/big')) === 'materialized')
  await finished(1)
  const first = await store.requests.list(scope, { limit: 10 })
  expect(first.map(({ targets }) => targets)).toEqual([['source/purchases', 'trait/spent', 'audience/big']])

  // Somebody else materialises the source: what is eager follows.
  await writeFile(file, 'customer_id,amount\na,4\na,7\nb,100\n')
  const launcher = createLauncher({ client: temporal.client, store })
  const { id } = createWarehouse({ url: warehouseUrl, home })
  await launcher.startRun({
    ...{ scope, revision: 1, manifest, selection: 'source/purchases', targets: ['source/purchases'], force: false },
    ...{ run: newRunId(), concurrency: 2, warehouseQueue: warehouseQueue(id, scope) },
  })
  await eventually(async () => (await store.assets.status(scope, 'audience/big'))?.rows === 2)
  await finished(3)
  const second = await store.requests.list(scope, { limit: 10 })
  expect(second.map(({ targets }) => targets)).toEqual([['trait/spent', 'audience/big'], first[0]!.targets])
  await eventually(async () => (await store.automation.latest(scope, ['audience/big']))[0]?.outcome === 'idle')
  expect(await store.runs.list(scope, { limit: 10 })).toHaveLength(3)

  const server = createServer({
    ...{ store, launcher, schedules, scope, runs: { warehouse: id, concurrency: 2 } },
    pingTemporal: () => Promise.resolve(),
  })
  onTestFinished(() => server.close())
  const ask = async (method: string, path: string): Promise<unknown> => {
    const response = await server.app.request(`/api/v1${path}`, { method })
    expect(response.ok, path).toBe(true)
    return response.status === 204 ? null : response.json()
  }
  expect(await ask('GET', '/automation')).toMatchObject({
    items: [
      { asset: 'source/purchases', condition: { op: 'on_cron' }, latest: { tree: { holds: false } } },
      { asset: 'trait/spent', condition: { op: 'eager' }, latest: { outcome: 'idle' } },
      { asset: 'audience/big', condition: { op: 'eager' }, latest: { outcome: 'idle' } },
    ],
  })
  expect(await ask('GET', '/automation/history?asset=trait/spent&limit=2')).toMatchObject({
    items: [{ outcome: 'idle' }, { outcome: 'requested', run: second[0]!.run }],
    next: expect.any(String) as string,
  })
  expect(await ask('POST', '/automation/dry-run')).toMatchObject({
    revision: 1,
    items: [{ outcome: 'idle' }, { outcome: 'idle' }, { outcome: 'idle' }],
  })
  expect(await ask('GET', '/run-requests?limit=1')).toMatchObject({ items: [{ origin: 'automation', failure: null }] })
  const cron = encodeURIComponent('cron/0 6 * * * Europe/Berlin')
  await ask('POST', `/schedules/${cron}/pause`)
  expect(await ask('GET', '/schedules')).toMatchObject({ items: [{ paused: true }] })
  await ask('POST', `/schedules/${cron}/resume`)
  expect(await ask('GET', '/schedules')).toMatchObject({ items: [{ paused: false }] })
  expect((await server.app.request('/api/v1/schedules/none/pause', { method: 'POST' })).status).toBe(404)
})
