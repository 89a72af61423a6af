import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { deploy, playRun, shopScope } from '../../test/recorded/record.ts'
import { specOf } from '../../test/plan/world.ts'
import { manifestOf } from '../../test/store/fresh-store.ts'
import type { AssetKey, AssetSpec, Manifest } from '../contract/index.ts'
import type { AssetDetail, MaterializationPage, Problem, Reported } from './api.ts'
import { createServer, type TraitlineServer } from './index.ts'

const scores: AssetKey = 'source/scores'
const risk: AssetKey = 'audience/risk'
const manifest: Manifest = {
  ...manifestOf([]),
  assets: [{ ...specOf(scores), external: true } as AssetSpec, specOf(risk, [scores])],
}

let parts: Awaited<ReturnType<typeof openServerParts>>
let server: TraitlineServer
let revision: number

beforeAll(async () => {
  parts = await openServerParts()
  revision = await deploy(parts.options.store, manifest)
  server = createServer({ ...parts.options, apiToken: 'secret' })
})
afterAll(async () => {
  await server.close()
  await parts.close()
})

const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' }

async function report<T>(body: object, status: number, key: AssetKey = scores, more = headers): Promise<T> {
  const path = `/api/v1/assets/${encodeURIComponent(key)}/materializations`
  const response = await server.app.request(path, { method: 'POST', headers: more, body: JSON.stringify(body) })
  expect(response.status).toBe(status)
  return (await response.json()) as T
}

async function get<T>(path: string): Promise<T> {
  return (await (await server.app.request(`/api/v1${path}`, { headers })).json()) as T
}

const asset = (key: AssetKey) => get<AssetDetail>(`/assets/${encodeURIComponent(key)}`)

test('a report is recorded like any materialisation, and what reads it becomes stale by it', async () => {
  const { store } = parts.options
  const before = await store.events.lastSequence()
  const first = await report<Reported>(
    {
      ...{ dataVersion: '2026-03-01', rows: 42, metadata: { model: 'v7' }, idempotencyKey: 'job-1' },
      ...{ startedAt: '2026-03-01T05:00:00+01:00', durationMs: 90_000 },
      checks: [{ name: 'recent', passed: false, severity: 'warn' }],
    },
    201,
  )
  expect(first).toMatchObject({ dataVersion: 'reported:2026-03-01', recorded: true })
  const events = await store.events.after(before, { scope: shopScope }, 10)
  expect(events.map(({ type, asset: of, run }) => [type, of, run])).toEqual([
    ['asset_materialized', scores, null],
    ['check_evaluated', scores, null],
  ])
  expect(await asset(scores)).toMatchObject({
    ...{ status: 'materialized', stale: false, run: null, rows: 42, materializedAt: '2026-03-01T04:01:30.000Z' },
    latest: { metadata: { model: 'v7' }, checks: [{ name: 'recent', passed: false, blocking: false }] },
  })

  await playRun(store, { run: 'r1', revision, manifest, selection: '*', targets: [scores, risk] })
  expect(await asset(risk)).toMatchObject({ status: 'materialized', stale: false })

  await report({ dataVersion: '2026-03-02', rows: 43 }, 201)
  expect(await asset(risk)).toMatchObject({
    stale: true,
    reasons: [{ type: 'upstream_changed', upstream: scores }],
  })
  // Lost answers are asked again.
  expect(await report<Reported>({ dataVersion: '2026-03-01', idempotencyKey: 'job-1' }, 200)).toEqual({
    ...first,
    recorded: false,
  })
  const { items } = await get<MaterializationPage>(`/assets/${encodeURIComponent(scores)}/materializations`)
  expect(items.map(({ rows }) => rows)).toEqual([43, 42])
})

test('of reports at once with one key, one is recorded', async () => {
  const body = { dataVersion: 'at-once', idempotencyKey: 'job-9' }
  const path = `/api/v1/assets/${encodeURIComponent(scores)}/materializations`
  const ask = async (): Promise<{ readonly status: number; readonly body: Reported }> => {
    const response = await server.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as Reported }
  }
  const answers = await Promise.all(Array.from({ length: 8 }, ask))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  const ids = answers.flatMap(({ status, body: { materialization } }) => (status < 300 ? [materialization] : []))
  expect(new Set(ids).size).toBe(1)
})

test('what runs materialise, what does not fit and who has no token are refused', async () => {
  expect(await report<Problem>({ rows: 1 }, 400, risk)).toMatchObject({ code: 'ASSET_NOT_EXTERNAL' })
  expect(await report<Problem>({ rows: 1 }, 404, 'source/none')).toMatchObject({ code: 'ASSET_NOT_FOUND' })
  expect(await report<Problem>({ rows: -1 }, 400)).toMatchObject({ code: 'REQUEST_INVALID' })
  expect(await report<Problem>({ startedAt: '2999-01-01T00:00:00Z' }, 400)).toMatchObject({ code: 'REPORT_INVALID' })
  expect(await report<Problem>({ metadata: { deep: { er: 1 } } }, 400)).toMatchObject({ code: 'REPORT_INVALID' })
  const none = { ...headers, authorization: 'Bearer other' }
  expect(await report<Problem>({ rows: 1 }, 401, scores, none)).toMatchObject({ status: 401 })
})
