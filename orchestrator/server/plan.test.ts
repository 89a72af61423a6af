import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { recordStory } from '../../test/recorded/story.ts'
import { specOf } from '../../test/plan/world.ts'
import { freshStore } from '../../test/store/fresh-store.ts'
import type { AssetKey, Manifest } from '../contract/index.ts'
import { buildGraph } from '../graph/index.ts'
import type { Plan } from './api.ts'
import { createServer, readPlan, type TraitlineServer } from './index.ts'

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

async function execute(url: string, statements: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statements)
  await client.end()
}

async function plan(body: object): Promise<Plan> {
  const response = await server.app.request('/api/v1/plan', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as Plan
}

test('tells what would run and why, from the record, and changes nothing', async () => {
  const before = await parts.options.store.events.lastSequence()
  const found = await plan({})
  const assets = new Map(found.steps.flatMap((step) => step.assets).map((asset) => [asset.key, asset]))
  expect(found.steps.length).toBeGreaterThan(5)
  const audience = assets.get('audience/at_risk')
  expect(audience?.reasons.map(({ type }) => type)).toContain('code_changed')
  expect(audience?.code?.fields.flatMap(({ lines }) => lines)).not.toEqual([])
  expect(audience?.reads.every(({ revision }) => revision === null || revision > 0)).toBe(true)
  expect(found.estimate.mostMs).toBeGreaterThan(0)
  expect(found.counts.certain + found.counts.possible + found.counts.blocked + found.counts.fresh).toBe(22)
  expect(await parts.options.store.events.lastSequence()).toBe(before)
})

test('of a working copy that renames, the history is under the new keys and only the renamed table is to be made', async () => {
  const { store, url } = await freshStore()
  const scope = { environment: 'dev', project: 'renames' }
  const [old, reader] = [specOf('trait/ltv'), specOf('audience/best', ['trait/ltv'])]
  const empty = { added: [], removed: [], changed: [], described: [], settings: [] }
  await store.revisions.deploy({
    ...{ scope, manifest: { assets: [old, reader] } as unknown as Manifest, manifestHash: 'h', diff: empty },
    deployedBy: null,
  })
  const versions = `code_version = 'c', data_version = 'd', warehouse = 'w', last_attempt = 'succeeded'`
  await execute(
    url,
    `update traitline.asset_status set ${versions}, upstream = '{}';
     update traitline.asset_status set upstream = '{"trait/ltv": "d"}' from traitline.asset
     where asset.id = asset_id and key = 'audience/best'`,
  )
  const now = { ...specOf('trait/lifetime_value'), formerly: old.key, codeVersion: 'c' }
  const assets = [now, { ...specOf('audience/best', [now.key]), codeVersion: 'c' }]
  const question = {
    scope,
    revision: null,
    assets,
    graph: buildGraph(assets),
    selection: '*',
    force: false,
    concurrency: 4,
  }
  const tell = async (renamed: readonly { from: AssetKey; to: AssetKey }[]) =>
    (await readPlan(store, { ...question, changes: { ...empty, renamed } })).steps.map(({ assets: [asset] }) => [
      asset?.key,
      asset?.prospect,
      asset?.reasons.map(({ type }) => type),
    ])
  expect(await tell([])).toEqual([
    ['trait/lifetime_value', 'certain', ['never_materialized']],
    ['audience/best', 'certain', ['upstream_changed']],
  ])
  expect(await tell([{ from: old.key, to: now.key }])).toEqual([
    ['trait/lifetime_value', 'certain', ['code_changed']],
    ['audience/best', 'possible', ['upstream_may_change']],
  ])
})

test('a selection that names nothing is a problem', async () => {
  const response = await server.app.request('/api/v1/plan', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ selection: 'trait/nothing' }),
  })
  expect(response.status).toBe(400)
})

test('10,000 assets with two deps each are planned from the record in under a second', async () => {
  const { store, url } = await freshStore()
  const keyAt = (at: number): AssetKey => (at % 3 === 0 ? `model/p/a${at}` : `trait/a${at}`)
  const assets = Array.from({ length: 10_000 }, (_, at) =>
    specOf(keyAt(at), at < 10 ? [] : [keyAt(at - 3), keyAt(at - 9)]),
  )
  const scope = { environment: 'dev', project: 'wide' }
  const diff = { added: [], removed: [], changed: [], described: [], settings: [] }
  await store.revisions.deploy({
    scope,
    manifest: { assets } as unknown as Manifest,
    manifestHash: 'h',
    diff,
    deployedBy: null,
  })
  await execute(
    url,
    `
    insert into traitline.run (id, scope_id, revision, selection, targets, force, status, ended_at)
      select 'r' || n, scope.id, 1, '*', '{}', false, 'succeeded', now() from traitline.scope, generate_series(1, 5) n;
    insert into traitline.materialization (asset_id, run, revision, code_version, data_version, upstream, warehouse,
      started_at, ended_at, duration_ms, statistics, metadata, failed_checks)
      select asset.id, 'r' || n, 1, 'v1', 'x', '{}', 'w', now(), now(), 10, '[]', '{}', '{}'
      from traitline.asset, generate_series(1, 5) n;
    insert into traitline.run_asset (run, asset_id, step, status, started_at, ended_at)
      select 'r' || n, asset.id, 'dbt/p', 'materialized', now(), now() from traitline.asset, generate_series(1, 5) n;
    update traitline.asset_status set data_version = 'x', code_version = 'v1', upstream = '{}', warehouse = 'w',
      duration_ms = 10;
    analyze`,
  )
  const graph = buildGraph(assets)
  const question = { scope, revision: 1, assets, graph, selection: '*', force: false, concurrency: 8 }
  await readPlan(store, { ...question, selection: 'trait/a1' })
  const start = performance.now()
  const found = await readPlan(store, question)
  const took = performance.now() - start
  console.log(`planned 10,000 assets from the record in ${took.toFixed(0)} ms`)
  expect(found.counts.certain + found.counts.possible).toBe(9_990)
  // Far below a second on a quiet machine; what else runs beside the tests is not to fail them.
  expect(took).toBeLessThan(3_000)
})
