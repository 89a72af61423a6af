import { createHmac } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/harness/eventually.ts'
import { pollSensorWorkflowType, projectQueue } from '../contract/index.ts'
import { createLauncher, createSchedules, startDelivery } from '../launch/index.ts'
import { loadProject } from '../project/index.ts'
import { createServer } from '../server/index.ts'
import { workerWorld } from './world.fixture.ts'

const source = `
import { csv, entity, env, project, sensor, source, sql, trait, webhookTrigger } from 'traitline'
const purchases = source('purchases', {
  table: 'raw.purchases', columns: { customer_id: 'text', amount: 'number' }, load: csv('purchases.csv'),
})
const customer = entity('customer', { key: 'customer_id', type: 'text' })
const spent = trait.continuous('spent', {
  of: customer, from: sql\`select customer_id, sum(amount) as value from \${purchases} group by customer_id\`,
})
const exports = sensor('exports', {
  every: '1h',
  run: async ({ cursor }) => {
    const at = Number(cursor ?? '0') + 1
    if (at === 3) throw new Error('secret@example.com is broken')
    return { cursor: String(at), runs: [{ select: 'source/purchases', runKey: 'file-1' }] }
  },
})
const orders = webhookTrigger('orders', {
  secret: env('ORDERS_SECRET'),
  run: async (payload) => (payload.kind === 'full' ? [{ select: '+trait/spent' }] : []),
})
export default project('shop', { assets: [spent, exports, orders] })
`

test('sensors and webhooks start what they ask for, once', async () => {
  const { dir, store, temporal, scope, deploy, work } = await workerWorld()
  const schedules = createSchedules(temporal.client)
  await writeFile(join(dir, 'purchases.csv'), 'customer_id,amount\na,4\n')
  await writeFile(join(dir, 'traitline.ts'), source)
  const { manifest } = await deploy(await loadProject(dir))
  onTestFinished(async () => void (await schedules.reconcile(scope, { ...manifest, assets: [], sensors: [] })))
  await work()
  /** The first time through its schedule; the others as the schedule would start them. */
  const poll = async (polls: number) => {
    if (polls === 1) await schedules.trigger(scope, 'sensor/exports')
    else {
      await temporal.client.workflow.execute(pollSensorWorkflowType, {
        ...{ workflowId: `${scope.environment}/poll/${polls}`, taskQueue: projectQueue(scope) },
        args: [{ ...scope, sensor: 'exports', timeoutSeconds: 60 }],
      })
    }
    await eventually(async () => ((await store.triggers.sensor(scope, 'exports'))?.polls ?? 0) >= polls)
    return store.triggers.sensor(scope, 'exports')
  }
  expect(await poll(1)).toMatchObject({ cursor: '1', requested: 1, failure: null })
  expect(await poll(2)).toMatchObject({ cursor: '2', failure: null })
  expect(await poll(3)).toMatchObject({
    cursor: '2',
    failure: { code: 'TRIGGER_FAILED', message: 'sensor exports threw Error' },
  })
  await eventually(async () => (await store.runs.list(scope, { limit: 9 })).length === 1)
  expect(await store.requests.list(scope, { origin: 'sensor/exports', limit: 9 })).toMatchObject([{ key: 'file-1' }])

  const server = createServer({
    ...{ store, launcher: createLauncher({ client: temporal.client, store }), schedules, scope },
    ...{ runs: { warehouse: 'w', concurrency: 2 }, pingTemporal: () => Promise.resolve(), apiToken: 'token' },
    webhooks: {
      secret: (name) =>
        name === 'ORDERS_SECRET' ? `whsec_${Buffer.from('a key of some length').toString('base64')}` : undefined,
      deliver: (to, delivery) => startDelivery(temporal.client, to, delivery),
    },
  })
  onTestFinished(() => server.close())
  const send = async (id: string, body: string, { key = 'a key of some length', age = 0, name = 'orders' } = {}) => {
    const timestamp = String(Math.floor(Date.now() / 1_000) - age)
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    const response = await server.app.request(`/api/v1/webhooks/${name}`, {
      method: 'POST',
      headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,AAAA v1,${signature}` },
      body,
    })
    return { status: response.status, answer: (await response.json()) as { code?: string; duplicate?: boolean } }
  }
  expect(await send('d1', '{"kind":"full"}')).toEqual({ status: 202, answer: { delivery: 'd1', duplicate: false } })
  expect(await send('d1', '{"kind":"full"}')).toEqual({ status: 202, answer: { delivery: 'd1', duplicate: true } })
  expect(await send('d2', '{}', { key: 'other' })).toMatchObject({
    status: 401,
    answer: { code: 'WEBHOOK_SIGNATURE_WRONG' },
  })
  expect(await send('d3', '{}', { age: 301 })).toMatchObject({ status: 401, answer: { code: 'WEBHOOK_EXPIRED' } })
  expect(await send('d4', 'no json')).toMatchObject({ status: 400, answer: { code: 'WEBHOOK_BODY_INVALID' } })
  expect(await send('d5', `"${'x'.repeat(300_000)}"`)).toMatchObject({ status: 413 })
  expect(await send('d6', '{}', { name: 'none' })).toMatchObject({ status: 404 })
  expect(await send('d7', '{"kind":"small"}')).toMatchObject({ status: 202 })
  await eventually(async () => (await store.triggers.deliveries(scope, 'orders', 9)).every((each) => each.settledAt))
  expect(await store.triggers.delivery(scope, 'orders', 'd1')).toMatchObject({
    requested: 1,
    payload: null,
    failure: null,
  })
  expect(await store.triggers.deliveries(scope, 'orders', 9)).toMatchObject([{ id: 'd7', requested: 0 }, { id: 'd1' }])
  await eventually(async () => (await store.assets.status(scope, 'trait/spent'))?.status === 'materialized')
  expect(await store.runs.list(scope, { limit: 9, tags: { trigger: 'webhook/orders' } })).toHaveLength(1)

  // The folder is no longer what was deployed.
  await writeFile(join(dir, 'traitline.ts'), `${source}\n// changed`)
  expect(await poll(4)).toMatchObject({ cursor: '2', failure: { code: 'USER_CODE_CHANGED' } })
})
