import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { scope } from '../../test/store/fresh-store.ts'
import type { OutboxList, OutboxMessages } from './api.ts'
import { createServer, type TraitlineServer } from './index.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer

beforeAll(async () => {
  parts = await openServerParts()
  server = createServer({ ...parts.options, scope })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

const get = async <T>(path: string): Promise<T> =>
  (await (await server.app.request(`/api/v1/outbox${path}`)).json()) as T

async function retry(body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', headers, body: JSON.stringify(body) }
  return (await server.app.request('/api/v1/outbox/openlineage/retry', request)).json()
}

test('what waits and what was given up is told, and can be sent again', async () => {
  const { outbox } = parts.options.store
  const body = { eventType: 'FAIL', job: { name: 'shop.trait/ltv' } }
  await outbox.enqueue(scope, 'openlineage', [
    { lane: 'r1', key: '1', body },
    { lane: 'r2', key: '2', body },
  ])
  const [message] = await outbox.claim(scope, 'openlineage', { seconds: 60, limit: 1 })
  await outbox.settle(scope, 'openlineage', {
    ...{ delivered: [], keep: false, later: null, released: [], pause: null },
    dead: [{ id: message?.id ?? 0, problem: 'the endpoint answered 422' }],
  })
  const { items } = await get<OutboxList>('')
  expect(items).toMatchObject([
    { channel: 'alerts', waiting: 0, dead: 0, oldestWaitingAt: null },
    { channel: 'openlineage', waiting: 1, dead: 1, problem: 'the endpoint answered 422' },
  ])
  expect((await get<OutboxMessages>('/openlineage/messages?state=dead')).items).toMatchObject([
    { id: String(message?.id), lane: 'r1', about: 'FAIL shop.trait/ltv', state: 'dead', attempts: 1 },
  ])
  expect(await retry({ ids: ['0'] })).toEqual({ retried: 0 })
  expect(await retry({ ids: [String(message?.id)] })).toEqual({ retried: 1 })
  expect(await retry({})).toEqual({ retried: 0 })
  expect(await retry({ ids: ['x'] })).toMatchObject({ status: 400 })
  expect((await get<OutboxList>('')).items[1]).toMatchObject({ waiting: 2, dead: 0 })
  expect(await get('/nothing/messages')).toMatchObject({ status: 400 })
})
