import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { recordStory, storyRuns } from '../../test/recorded/story.ts'
import type { LeaseRequest } from '../contract/index.ts'
import { createServer, type TraitlineServer } from './index.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer
beforeAll(async () => {
  parts = await openServerParts()
  await recordStory(parts.options.store, parts.databaseUrl)
  server = createServer(parts.options)
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: Json }> {
  const response = await server.app.request(`/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', host: 'localhost' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Json }
}

interface Json {
  readonly run: string
  readonly targets: number
  readonly code: string
  readonly items: readonly Record<string, unknown>[]
  readonly [name: string]: unknown
}

test('runs carry tags and a priority, and are listed by them', async () => {
  const tags = { team: 'growth', kind: 'a=b' }
  const { json: started } = await ask('POST', '/runs', { selection: 'trait/value_tier', tags, priority: 1 })
  const { json: row } = await ask('GET', `/runs/${started.run}`)
  expect(row).toMatchObject({ tags, priority: 1, parent: null, waiting: [] })
  const runsWith = async (query: string) => (await ask('GET', `/runs?${query}`)).json.items.map(({ run }) => run)
  expect(await runsWith('tag=team=growth')).toEqual([started.run])
  expect(await runsWith('tag=team=growth&tag=kind=a=b')).toEqual([started.run])
  expect(await runsWith('tag=team=growth&tag=kind=c')).toEqual([])
  expect(await runsWith('tag=team=growth&status=queued')).toEqual([started.run])
  expect(await runsWith('tag=team=growth&status=failed')).toEqual([])
  expect((await ask('GET', '/runs?status=lost')).json).toMatchObject({ status: 400 })
  expect((await ask('GET', '/runs?tag=growth')).json).toMatchObject({ status: 400, code: 'TAG_INVALID' })
  const bad = await ask('POST', '/runs', { selection: '*', tags: { 'a b': 'c' } })
  expect(bad).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
})

test('a run gives notebooks parameters of its own, which are checked, kept and given again', async () => {
  const config = { 'notebook/churn': { horizon_days: 60 } }
  const { json: started } = await ask('POST', '/runs', { selection: 'notebook/churn', config })
  expect((await ask('GET', `/runs/${started.run}`)).json).toMatchObject({ config })
  await parts.options.store.runs.finish(started.run, 'cancelled', null)
  const again = await ask('POST', `/runs/${started.run}/retry`, { from: 'start' })
  expect((await ask('GET', `/runs/${again.json.run}`)).json).toMatchObject({ config, parent: started.run })
  const refused = async (asked: object) => {
    const { status, json } = await ask('POST', '/runs', { selection: 'notebook/churn', config: asked })
    return [status, json.code]
  }
  expect(await refused({ 'notebook/churn': { horizon_days: 'sixty' } })).toEqual([400, 'RUN_CONFIG_INVALID'])
  expect(await refused({ 'notebook/churn': { horizon: 60 } })).toEqual([400, 'RUN_CONFIG_INVALID'])
  expect(await refused({ churn: { horizon_days: 60 } })).toEqual([400, 'REQUEST_INVALID'])
})

test('what is materialised can be forgotten, but not under a run', async () => {
  const wipe = (key: string) => ask('POST', `/assets/${encodeURIComponent(key)}/wipe`)
  const { json: started } = await ask('POST', '/runs', { selection: 'trait/lifetime_value' })
  expect(await wipe('trait/lifetime_value')).toMatchObject({ status: 409, json: { code: 'WIPE_WHILE_RUNNING' } })
  await parts.options.store.runs.finish(started.run, 'cancelled', null)
  expect(await wipe('trait/lifetime_value')).toMatchObject({ status: 200, json: { wiped: true } })
  expect(await wipe('trait/lifetime_value')).toMatchObject({ status: 200, json: { wiped: false } })
  expect((await ask('GET', '/assets/trait%2Flifetime_value')).json).toMatchObject({ status: 'never' })
  expect(await wipe('trait/none')).toMatchObject({ status: 404 })
})

test('a failed run is done again from what failed, or from the start, and names the one it came from', async () => {
  const { store } = parts.options
  const failed = await store.runs.get(storyRuns.failed)
  const unsuccessful = await store.runs.unsuccessful(storyRuns.failed)
  expect(unsuccessful.length).toBeGreaterThan(0)
  expect(unsuccessful.length).toBeLessThan(failed?.targets.length ?? 0)

  const again = await ask('POST', `/runs/${storyRuns.failed}/retry`, {})
  expect(again).toMatchObject({ status: 202, json: { targets: unsuccessful.length } })
  expect(await store.runs.get(again.json.run)).toMatchObject({
    ...{ parent: storyRuns.failed, targets: unsuccessful, force: false, selection: failed?.selection },
  })
  const whole = await ask('POST', `/runs/${storyRuns.failed}/retry`, { from: 'start' })
  expect(await store.runs.get(whole.json.run)).toMatchObject({
    ...{ parent: storyRuns.failed, targets: failed?.targets, force: true },
  })
  expect(await ask('POST', `/runs/${whole.json.run}/retry`, {})).toMatchObject({
    ...{ status: 409, json: { code: 'RUN_NOT_ENDED' } },
  })
  expect(await ask('POST', '/runs/none/retry', {})).toMatchObject({ status: 404, json: { code: 'RUN_NOT_FOUND' } })
})

test('pools are limited, told with their holders and those who wait, and freed again', async () => {
  const { store } = parts.options
  const request = (id: string): LeaseRequest => ({
    ...{
      environment: 'dev',
      workflowId: id,
      execution: id,
      project: 'shop',
      run: storyRuns.failed,
      step: `trait/${id}`,
    },
    ...{ pools: ['ads_api'], priority: 3, reclaim: false },
  })
  const path = '/pools/ads_api'
  expect((await ask('PUT', path, { slots: 1 })).status).toBe(204)
  for (const id of ['a', 'b']) await store.leases.acquire(request(id))
  expect((await ask('GET', '/pools')).json.items).toEqual([
    {
      pool: 'ads_api',
      slots: 1,
      limits: [{ project: null, slots: 1 }],
      held: [expect.objectContaining({ step: 'trait/a', run: storyRuns.failed })],
      waiting: [expect.objectContaining({ step: 'trait/b', full: ['ads_api'], position: 1 })],
    },
  ])
  expect((await ask('PUT', path, { slots: -1 })).json).toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
  // The workflow of the one that may go on then is not there: its place goes to nobody.
  expect((await ask('DELETE', path)).status).toBe(204)
  expect((await ask('GET', '/pools')).json.items).toMatchObject([
    { slots: null, held: [{ step: 'trait/a' }], waiting: [] },
  ])
})
