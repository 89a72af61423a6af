import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { shopScope } from '../../test/recorded/record.ts'
import { recordStory, storyRuns } from '../../test/recorded/story.ts'
import type {
  AssetDetail,
  AssetPage,
  CheckList,
  CheckRunDetail,
  CheckRunList,
  MaterializationPage,
  SyncRunList,
} from './api.ts'
import type { Graph, LogPage, Problem, ProjectList, RevisionDetail, RevisionPage, RunDetail, RunPage } from './api.ts'
import { TraitlineError } from '../contract/index.ts'
import { createServer, type TraitlineServer } from './index.ts'

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer

beforeAll(async () => {
  parts = await openServerParts()
  await recordStory(parts.options.store, parts.databaseUrl)
  const messages = [
    { channel: '#retention', text: 'first', ts: '1700000000.000001' },
    { channel: '#retention', text: 'second', ts: '1700000001.000001' },
  ]
  server = createServer({
    ...parts.options,
    messages: () => Promise.resolve(messages),
    workflowUrl: (id) => `http://temporal.test/${encodeURIComponent(id)}`,
  })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

async function get<T>(path: string, status = 200): Promise<T> {
  const response = await server.app.request(`/api/v1${path}`)
  expect(response.status, path).toBe(status)
  return (await response.json()) as T
}

describe('rows of unknown outcome', () => {
  const resend = (key: string) =>
    server.app.request(`/api/v1/syncs/${encodeURIComponent(key)}/unknown/resend`, { method: 'POST' })

  test('are sent again by the next run if somebody says so', async () => {
    const { syncs, assets } = parts.options.store
    const sync = 'sync/at_risk_to_slack'
    expect((await resend(sync)).status).toBe(409)
    expect((await resend('trait/orders')).status).toBe(404)
    const epoch = await syncs.acquireWriter(shopScope, sync, 'test')
    const writer = { scope: shopScope, sync, syncRun: 'unknown-1', epoch } as const
    const planned = { desired: 2, added: 2, changed: 0, removed: 0, unchanged: 0, invalid: 0 }
    const run = storyRuns.failed
    await syncs.begin({ ...writer, run, warehouse: 'w', target: 't', mode: 'insert', batches: 1, planned })
    await syncs.intend({ ...writer, batch: { batch: 1, firstOrdinal: 1, lastOrdinal: 2, payloadHash: 'h' } })
    await syncs.acknowledge({ ...writer, batch: 1, state: 'unknown', exceptions: [] })
    await syncs.finish({ ...writer, status: 'settled' })
    const answer = await resend(sync)
    expect([answer.status, await answer.json()]).toEqual([202, { sync, rows: 2 }])
    expect(await syncs.pendingResend(shopScope, sync)).toMatchObject({ syncRuns: ['unknown-1'] })
    expect((await assets.states(shopScope, [sync]))[sync]?.latest?.upstream).not.toHaveProperty('audience/at_risk')
  })
})

test('the next run of a sync can be asked to send everything, and not for what is no request', async () => {
  const { syncs } = parts.options.store
  const sync = 'sync/at_risk_to_slack'
  const ask = (request: string, key: string = sync) =>
    server.app.request(`/api/v1/syncs/${encodeURIComponent(key)}/requests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request }),
    })
  expect((await ask('everything')).status).toBe(400)
  expect((await ask('resync', 'trait/orders')).status).toBe(404)
  const answer = await ask('resync')
  expect([answer.status, await answer.json()]).toEqual([202, { sync, request: 'resync' }])
  expect(await syncs.pendingRequest(shopScope, sync)).toBe('resync')
})

describe('assets', () => {
  test('come in topological order, with what the record says of each', async () => {
    const { items, total, next } = await get<AssetPage>('/assets')
    expect([items.length, total, next]).toEqual([22, 22, null])
    const place = new Map(items.map(({ key }, at) => [key, at]))
    expect(place.get('source/purchases')).toBeLessThan(place.get('model/shop/customers') ?? -1)
    expect(items.find(({ key }) => key === 'notebook/churn')).toMatchObject({
      status: 'failed',
      run: storyRuns.failed,
      failure: { code: 'NOTEBOOK_FAILED' },
    })
    expect(items.find(({ key }) => key === 'trait/abandoned_cart')).toMatchObject({ status: 'running', kind: 'trait' })
    // Its definition has changed, and the run that would have brought it up to date left it out.
    expect(items.find(({ key }) => key === 'user_model/customer')).toMatchObject({
      status: 'materialized',
      stale: true,
    })
    expect(items.find(({ key }) => key === 'trait/repeat_buyer')).toMatchObject({
      status: 'materialized',
      stale: false,
    })
  })

  test('can be selected, and come in pages', async () => {
    const traits = await get<AssetPage>('/assets?select=kind:trait&limit=4')
    expect([traits.items.length, traits.total]).toEqual([4, 9])
    const more = await get<AssetPage>(
      `/assets?select=kind:trait&limit=100&after=${encodeURIComponent(traits.next ?? '')}`,
    )
    expect(more.next).toBeNull()
    expect(new Set([...traits.items, ...more.items].map(({ key }) => key)).size).toBe(9)
  })

  test('a selection that means nothing is a problem that names it', async () => {
    const keys = async (select: string) => {
      const { items } = await get<AssetPage>(`/assets?limit=1000&select=${encodeURIComponent(select)}`)
      return items
    }
    for (const select of ['kind:audience', 'tag:data=simulated', 'owner:marketing', 'group:warehouse']) {
      const [, field, value = ''] = /^(\w+):(?:data=)?(.*)$/.exec(select) ?? []
      const found = await keys(select)
      expect(found.length).toBeGreaterThan(0)
      const has = (item: (typeof found)[number]) =>
        ({
          kind: item.kind === value,
          tag: item.tags['data'] === value,
          owner: item.owners.includes(value),
          group: item.group === value,
        })[field as 'kind']
      expect(found.every(has)).toBe(true)
      expect((await keys('*')).filter(has)).toHaveLength(found.length)
    }
    const problem = await get<Problem>('/assets?select=trait/lifetime_valu', 400)
    expect(problem.detail).toContain('trait/lifetime_valu')
    expect(problem.hint).not.toBe('')
    expect(problem.type).toMatch(/^urn:traitline:problem:/)
  })

  test('one asset shows definition, lineage and latest materialisation', async () => {
    const asset = await get<AssetDetail>('/assets/audience%2Fat_risk')
    expect(asset.spec).toMatchObject({ kind: 'audience', where: { op: 'all' } })
    expect(asset.entity).toMatchObject({ name: 'customer' })
    expect(
      asset.upstream
        .filter(({ depth }) => depth === 1)
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(['model/shop/customers', 'trait/abandoned_cart', 'trait/churn_propensity', 'trait/value_tier'])
    expect(asset.upstream.find(({ key }) => key === 'trait/value_tier')?.trait).toMatchObject({ type: 'categorical' })
    expect(asset.downstream.map(({ key }) => key)).toContain('sync/at_risk_to_crm')
    expect(asset.latest).toMatchObject({ run: storyRuns.first, rows: 42 })
    expect(asset.reasons).toContainEqual({ type: 'code_changed' })
  })

  test('a sync says where it goes, without the configuration', async () => {
    const asset = await get<AssetDetail>('/assets/sync%2Fat_risk_to_slack')
    expect(asset.destination).toEqual({ name: 'team', connector: 'slack', stream: '#retention' })
    expect(JSON.stringify(asset)).not.toContain('SLACK_BOT_TOKEN')
  })

  test('an unknown one is a problem', async () => {
    expect(await get<Problem>('/assets/trait%2Fnone', 404)).toMatchObject({ code: 'ASSET_NOT_FOUND', status: 404 })
    expect(await get<Problem>('/assets/nonsense', 404)).toMatchObject({ code: 'ASSET_NOT_FOUND' })
  })

  test('history: materialisations, checks, syncs', async () => {
    const first = await get<MaterializationPage>('/assets/source%2Fpurchases/materializations?limit=2')
    expect(first.items.map(({ run }) => run)).toEqual([storyRuns.failed, storyRuns.fresh])
    const second = await get<MaterializationPage>(`/assets/source%2Fpurchases/materializations?before=${first.next}`)
    expect(second.items.map(({ run }) => run)).toEqual([storyRuns.first])
    expect(second.next).toBeNull()

    const { items: checks } = await get<CheckList>('/assets/model%2Fshop%2Fcustomers/checks')
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'customers_with_future_orders', passed: false, failures: 17 }),
    )

    const { items: syncs } = await get<SyncRunList>('/assets/sync%2Fat_risk_to_crm/syncs')
    expect(syncs[0]).toMatchObject({ status: 'settled', sent: 45, rejected: 1, planned: { added: 40 } })
    expect(await get<Problem>('/assets/trait%2Forders/syncs', 404)).toMatchObject({ code: 'NOT_A_SYNC' })
  })
})

describe('graph', () => {
  test('is in columns, and not sent again while nothing changes', async () => {
    const response = await server.app.request('/api/v1/graph')
    const graph = (await response.json()) as Graph
    expect(graph.keys.length).toBe(22)
    expect([graph.kinds.length, graph.statuses.length, graph.stale.length, graph.rows.length]).toEqual([22, 22, 22, 22])
    graph.from.forEach((source, edge) => expect(source).toBeLessThan(graph.to[edge] ?? -1))

    const etag = response.headers.get('etag') ?? ''
    const again = await server.app.request('/api/v1/graph', { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const other = await server.app.request('/api/v1/graph?select=kind:trait', { headers: { 'if-none-match': etag } })
    expect(other.status).toBe(200)
  })

  test('of a selection has the edges among it', async () => {
    const graph = await get<Graph>(`/graph?select=${encodeURIComponent('1+sync/at_risk_to_slack')}`)
    expect(graph.keys.toSorted()).toEqual([
      'audience/at_risk',
      'sync/at_risk_to_slack',
      'trait/churn_propensity',
      'trait/lifetime_value',
    ])
    expect(graph.from.length).toBe(4)
  })
})

describe('runs', () => {
  test('come latest first, in pages', async () => {
    const { items, next } = await get<RunPage>('/runs?limit=3')
    expect(items.map(({ run }) => run)).toEqual([storyRuns.running, storyRuns.failed, storyRuns.fresh])
    expect(items[1]).toMatchObject({ status: 'failed', selection: '* and not user_model/*' })
    const rest = await get<RunPage>(`/runs?before=${next}`)
    expect(rest.items.map(({ run }) => run)).toEqual([storyRuns.first])
    expect(rest.next).toBeNull()
  })

  test('one shows each of its assets, why and how', async () => {
    const run = await get<RunDetail>(`/runs/${storyRuns.failed}`)
    const row = (key: string) => run.assets.find(({ asset }) => asset === key)
    expect(row('notebook/churn')).toMatchObject({
      status: 'failed',
      failure: { code: 'NOTEBOOK_FAILED', blame: 'user' },
    })
    expect(row('audience/at_risk')).toMatchObject({ status: 'upstream_failed' })
    expect(row('trait/orders')).toMatchObject({ status: 'materialized' })
    expect(run.workflowUrl).toContain('http://temporal.test/dev%2Fshop%2Frun%2F')
    expect(run.logs).toContain('notebook/churn')
    expect(await get<Problem>('/runs/none', 404)).toMatchObject({ code: 'RUN_NOT_FOUND' })
  })

  test('logs come as text, and as JSON, by pages', async () => {
    const path = `/api/v1/runs/${storyRuns.failed}/logs/notebook%2Fchurn`
    const text = await server.app.request(`${path}?limit=2`)
    expect(text.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(text.headers.get('link')).toContain('after=2')
    expect((await text.text()).split('\n')[0]).toBe('Running step notebook/churn')
    const json = await server.app.request(`${path}?after=2`, { headers: { accept: 'application/json' } })
    const page = (await json.json()) as LogPage
    expect(page.lines[0]).toMatchObject({ number: 3, stream: 'stdout' })
    expect(page.next).toBeNull()
  })

  test('checks are run by themselves, and cancelled', async () => {
    const started = await server.app.request('/api/v1/checks/run', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ selection: 'model/shop/customers' }),
    })
    expect(started.status, 'none of the shop has a check of its own').toBe(400)
    expect(await started.json()).toMatchObject({ code: 'CHECKS_NONE' })
    const { items } = await get<CheckRunList>('/checks/runs')
    expect(items.map(({ run }) => run)).toEqual([storyRuns.checks])
    expect(await get<CheckRunDetail>(`/checks/runs/${storyRuns.checks}`)).toMatchObject({
      status: 'passed',
      counts: { passed: 1, warned: 0, failed: 0, skipped: 0 },
      results: [{ asset: 'model/shop/customers', name: 'row_count_change', metadata: { before: 23_570 } }],
    })
    const unknown = await server.app.request('/api/v1/checks/runs/nope/cancel', { method: 'POST' })
    expect([unknown.status, ((await unknown.json()) as Problem).code]).toEqual([404, 'CHECK_RUN_NOT_FOUND'])
    const history = await get<CheckList>('/assets/model%2Fshop%2Fcustomers/checks?name=row_count_change')
    expect(history.items.map(({ name, run }) => [name, run])).toEqual([['row_count_change', storyRuns.checks]])
  })

  test('are started of the latest revision, and cancelled', async () => {
    const started = await server.app.request('/api/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ selection: 'trait/orders+', force: true }),
    })
    expect(started.status).toBe(202)
    const { run, targets } = (await started.json()) as { run: string; targets: number }
    expect(targets).toBeGreaterThan(1)
    expect(started.headers.get('location')).toBe(`/api/v1/runs/${run}`)
    expect(await get<RunDetail>(`/runs/${run}`)).toMatchObject({ status: 'queued', revision: 2, force: true, targets })

    const cancelled = await server.app.request(`/api/v1/runs/${run}/cancel`, { method: 'POST' })
    expect(cancelled.status).toBe(202)
    const ended = await server.app.request(`/api/v1/runs/${storyRuns.first}/cancel`, { method: 'POST' })
    expect([ended.status, ((await ended.json()) as Problem).code]).toEqual([409, 'RUN_ENDED'])
  })

  test('what cannot be understood is refused with the field that is wrong', async () => {
    const response = await server.app.request('/api/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ selection: '' }),
    })
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(((await response.json()) as Problem).detail).toMatch(/^selection: /)
    const broken = await server.app.request('/api/v1/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect([broken.status, broken.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
  })
})

describe('revisions', () => {
  test('each with the difference to the one before', async () => {
    const { items } = await get<RevisionPage>('/revisions')
    expect(items.map(({ number }) => number)).toEqual([2, 1])
    expect(items[0]?.diff.added).toEqual(['trait/predicted_value_90d'])
  })

  test('one with what changed, field by field', async () => {
    const revision = await get<RevisionDetail>('/revisions/2')
    const change = revision.changes.find(({ key }) => key === 'trait/value_tier')
    expect(change?.fields.map(({ path }) => path)).toEqual(['origin.sql'])
    expect(revision.changes.find(({ key }) => key === 'audience/at_risk')?.fields.map(({ path }) => path)).toEqual([
      'where',
    ])
    expect(revision.changes.find(({ key }) => key === 'trait/lifetime_value')?.fields).toEqual([
      expect.objectContaining({ path: 'description' }),
    ])
    expect(await get<Problem>('/revisions/9', 404)).toMatchObject({ code: 'REVISION_NOT_FOUND' })
    expect(await get<Problem>('/revisions/x', 400)).toMatchObject({ code: 'REQUEST_INVALID' })
  })
})

test('projects, and the scope of a request', async () => {
  const { items } = await get<ProjectList>('/projects')
  expect(items).toEqual([expect.objectContaining({ ...shopScope, revision: 2, assetCount: 22 })])
  expect((await get<AssetPage>('/assets?project=shop&environment=dev')).total).toBe(22)
  expect(await get<Problem>('/assets?project=none', 404)).toMatchObject({ code: 'PROJECT_NOT_FOUND' })
})

test('messages of the stand-in, newest first', async () => {
  const { items } = await get<{ items: { text: string }[] }>('/messages')
  expect(items.map(({ text }) => text)).toEqual(['second', 'first'])
  const without = createServer(parts.options)
  expect((await without.app.request('/api/v1/messages')).status).toBe(404)
})

test('health', async () => {
  expect((await server.app.request('/healthz')).status).toBe(200)
  expect((await server.app.request('/readyz')).status).toBe(200)
  const broken = createServer({ ...parts.options, pingTemporal: () => Promise.reject(new Error('secret detail')) })
  const response = await broken.app.request('/readyz')
  const body = await response.text()
  expect(response.status).toBe(503)
  expect(body).toContain('TEMPORAL_UNREACHABLE')
  expect(body).not.toContain('secret detail')
})

test('an unexpected error is told to the log, not to the caller', async () => {
  const seen: unknown[] = []
  const store = {
    ...parts.options.store,
    revisions: { ...parts.options.store.revisions, scopes: () => Promise.reject(new Error('password=1')) },
  }
  const broken = createServer({ ...parts.options, store, onError: (error) => seen.push(error) })
  const response = await broken.app.request('/api/v1/projects')
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('password')
  expect(seen).toHaveLength(1)
})

test('where the record is stays inside', async () => {
  const store = {
    ...parts.options.store,
    revisions: { ...parts.options.store.revisions, scopes: () => Promise.reject(unreachable) },
  }
  const response = await createServer({ ...parts.options, store }).app.request('/api/v1/projects')
  expect(response.status).toBe(503)
  expect(await response.text()).not.toContain('db.internal')
})

const unreachable = new TraitlineError({
  code: 'STORE_UNREACHABLE',
  message: 'the database db.internal:5432/records cannot be reached',
  hint: 'Start it.',
  blame: 'system',
})

test('the character NUL is refused wherever it stands', async () => {
  for (const path of ['/runs/%00', '/runs/a/events?after=%00', '/assets?project=%00']) {
    expect(await get<Problem>(path, 400)).toMatchObject({ status: 400 })
  }
})

test('what is not there is a problem too', async () => {
  expect(await get<Problem>('/nothing', 404)).toMatchObject({ code: 'ROUTE_NOT_FOUND' })
})
