import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServerParts } from '../../test/recorded/open.ts'
import { shopScope } from '../../test/recorded/record.ts'
import { recordStory } from '../../test/recorded/story.ts'
import { buildLineage, type ParsedQuery } from '../graph/index.ts'
import type { AssetLineage, ColumnLineage, Problem } from './api.ts'
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

async function get<T>(path: string, status = 200): Promise<T> {
  const response = await server.app.request(`/api/v1${path}`)
  expect(response.status, path).toBe(status)
  return (await response.json()) as T
}

test('assets have a lineage at once, columns when it was computed', async () => {
  const { store } = parts.options
  const before = await get<AssetLineage>('/lineage?asset=trait/value_tier&direction=down')
  expect(before.columns).toEqual({ status: 'pending', failure: null })
  expect(before.nodes.map(({ asset, depth }) => [asset, depth])).toEqual(
    expect.arrayContaining([
      ['trait/value_tier', 0],
      ['audience/at_risk', 1],
      ['sync/at_risk_to_crm', 2],
    ]),
  )
  expect(before.edges).toContainEqual({ from: 'trait/value_tier', to: 'audience/at_risk' })
  expect(before.nodes.some(({ upstream, depth }) => upstream && depth > 0)).toBe(false)
  const pending = await get<ColumnLineage>('/lineage/columns?asset=trait/value_tier&column=value_tier')
  expect(pending).toMatchObject({ status: 'pending', nodes: [], syncs: [] })

  // As if dbt had compiled one of the models.
  const code = { 'model/shop/customers': { sql: 'select ...' } } as const
  const parsed: ParsedQuery[] = [
    { id: 'model/shop/customers', columns: { lifetime_value: [['raw.purchases', 'amount', ['A']]] } },
    { id: 'trait/value_tier', columns: { value: [['shop.customers', 'lifetime_value', ['C']]] } },
  ]
  const latest = await store.revisions.latest(shopScope)
  if (latest === null) throw new Error('nothing is deployed')
  await store.lineage.save(shopScope, latest.number, 'a hash', buildLineage(latest.manifest, code, parsed))
  const near = await get<AssetLineage>('/lineage?asset=model/shop/browsing&depth=1')
  expect(near.columns.status).toBe('ready')
  expect(near.nodes.every(({ depth }) => depth <= 1)).toBe(true)
  expect(near.nodes[0]).toMatchObject({ opaque: true, warnings: [expect.stringContaining('its SQL was not kept')] })
})

test('a column is traced up to sources and down to the fields of destinations', async () => {
  const down = await get<ColumnLineage>('/lineage/columns?asset=trait/value_tier&column=value_tier&direction=down')
  expect(down.audiences).toEqual(expect.arrayContaining(['audience/at_risk', 'audience/loyal']))
  expect(down.syncs).toEqual(
    expect.arrayContaining([
      { sync: 'sync/at_risk_to_crm', destination: 'crm', stream: 'at_risk_customers', fields: [], rows: true },
      expect.objectContaining({ sync: 'sync/customers_to_crm', fields: ['value_tier'] }),
    ]),
  )
  expect(down.edges).toContainEqual({
    from: { asset: 'trait/value_tier', column: 'value_tier' },
    to: { asset: 'audience/at_risk', column: null },
    uses: ['FILTER'],
    masked: false,
  })
  const up = await get<ColumnLineage>('/lineage/columns?asset=sync/at_risk_to_crm&column=lifetime_value&direction=up')
  expect(up.sources).toContainEqual({ asset: 'source/purchases', column: 'amount', direct: true })
  expect(up.nodes.filter(({ depth }) => depth === 0)).toHaveLength(2)
  const both = await get<ColumnLineage>('/lineage/columns?asset=trait/lifetime_value&column=lifetime_value')
  expect([both.sources.length > 0, both.syncs.length > 0]).toEqual([true, true])
})

test('what is not there is told, with what may be meant', async () => {
  expect(await get<Problem>('/lineage?asset=trait/nope', 404)).toMatchObject({ code: 'ASSET_NOT_FOUND' })
  const typo = await get<Problem>('/lineage/columns?asset=trait/value_tier&column=value_teir', 404)
  expect(typo).toMatchObject({ code: 'COLUMN_NOT_FOUND', hint: 'Did you mean value_tier?' })
  expect(await get<Problem>('/lineage?asset=trait/value_tier&direction=sideways', 400)).toMatchObject({
    code: 'REQUEST_INVALID',
  })
})
