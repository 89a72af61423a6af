import { expect, test, vi } from 'vitest'
import { pythonBin } from '../../test/harness/python.ts'
import { compiledShop } from '../../test/lineage/shop.ts'
import { diffOf, freshStore, manifestOf } from '../../test/store/fresh-store.ts'
import type { AssetKey, ColumnDependency, ColumnLineage } from '../../orchestrator/contract/index.ts'
import { buildGraph, indexLineage, type LineageNode, type LineageQueries } from '../../orchestrator/graph/index.ts'
import { computeLineage } from './compute.ts'
import { parseQueries } from './index.ts'

const scope = { environment: 'dev', project: 'shop' }
const deploy = { scope, diff: diffOf([]), deployedBy: null }

test(
  'from a source through models, traits and an audience to a field of a destination',
  { timeout: 180_000 },
  async () => {
    const { manifest, hash, code } = await compiledShop()
    const { store } = await freshStore()
    const parse = vi.fn((asked: LineageQueries) =>
      parseQueries(asked, { pythonExecutable: pythonBin('python'), dialect: 'duckdb' }),
    )
    const deps = { store, parse, dialect: 'duckdb' }
    expect(await computeLineage(deps, scope)).toBe(false)
    await store.revisions.deploy({ ...deploy, manifest, manifestHash: hash, code })
    expect(await store.lineage.get(scope, 1)).toEqual({ status: 'pending', failure: null })
    // Of two that look at once, one computes.
    const both = await Promise.all([computeLineage(deps, scope), computeLineage(deps, scope)])
    expect(both.sort()).toEqual([false, true])
    expect(parse).toHaveBeenCalledTimes(1)

    const kept = await store.lineage.get(scope, 1)
    if (kept.status !== 'ready') throw new Error('not ready')
    const { lineage } = kept
    expect(lineage.assets.flatMap(({ asset, warnings }) => warnings.map((text) => `${asset}: ${text}`))).toEqual([])
    const told = (asset: AssetKey): Record<string, string> => wordsOf(lineage, asset)

    expect(told('model/shop/stg_purchases')).toEqual({
      customer_id: 'source/purchases.customer_id TRANSFORMATION',
      purchased_on: 'source/purchases.purchased_on TRANSFORMATION',
      quantity: 'source/purchases.quantity TRANSFORMATION',
      amount: 'source/purchases.amount TRANSFORMATION',
      '': 'source/purchases.purchased_on FILTER',
    })
    expect(told('model/shop/customers')).toMatchObject({
      customer_id: 'model/shop/stg_purchases.customer_id IDENTITY',
      recency_days: 'model/shop/stg_purchases.purchased_on AGGREGATION',
      orders: '',
      lifetime_value: 'model/shop/stg_purchases.amount AGGREGATION',
      '': 'model/shop/stg_purchases.customer_id GROUP_BY',
    })
    // Several CTEs, left joins, a window function, case and coalesce.
    expect(told('model/shop/browsing')).toEqual({
      customer_id: 'model/shop/identities.customer_id TRANSFORMATION, model/shop/stg_web_events.user_id TRANSFORMATION',
      sessions_30d: 'model/shop/stg_web_events.session_id AGGREGATION masked',
      abandoned_cart_30d:
        'model/shop/stg_web_events.action CONDITIONAL, model/shop/stg_web_events.occurred_at AGGREGATION',
      favourite_genre: 'model/shop/stg_web_events.genre IDENTITY',
      '': expect.stringContaining('model/shop/identities.domain_userid JOIN') as string,
    })
    expect(told('trait/repeat_buyer')).toEqual({
      customer_id: 'source/purchases.customer_id IDENTITY',
      repeat_buyer: 'source/purchases.purchased_on AGGREGATION masked',
      '': 'source/purchases.customer_id GROUP_BY',
    })
    expect(told('trait/value_tier')).toEqual({
      customer_id: 'model/shop/customers.customer_id IDENTITY',
      value_tier: 'model/shop/customers.lifetime_value CONDITIONAL',
    })
    expect(told('audience/at_risk')['']).toContain('trait/value_tier.value_tier FILTER')
    expect(told('sync/at_risk_to_slack')).toEqual({
      text: [
        'audience/at_risk.customer_id TRANSFORMATION',
        'trait/lifetime_value.lifetime_value TRANSFORMATION',
        'trait/churn_propensity.churn_propensity TRANSFORMATION',
        'trait/favourite_genre.favourite_genre TRANSFORMATION',
      ].join(', '),
      '': expect.stringContaining('audience/at_risk.customer_id FILTER') as string,
    })

    const graph = buildGraph(manifest.assets)
    const index = indexLineage(lineage, graph.upstream)
    const reached = (start: LineageNode, way: 'up' | 'down', direct: boolean): string[] =>
      index
        .trace(start, way)
        .nodes.filter((node) => node.direct === direct)
        .map(({ asset, column }) => `${asset}${column === null ? '' : `.${column}`}`)

    // Up from a field: what it is made of, and apart from that what decides who is sent.
    const field = { asset: 'sync/at_risk_to_crm', column: 'lifetime_value' } as const
    expect(reached(field, 'up', true)).toEqual([
      'sync/at_risk_to_crm.lifetime_value',
      'trait/lifetime_value.lifetime_value',
      'model/shop/customers.lifetime_value',
      'model/shop/stg_purchases.amount',
      'source/purchases.amount',
    ])
    const deciding = reached(field, 'up', false)
    expect(deciding).toContain('trait/churn_propensity.churn_propensity')
    expect(deciding).toContain('source/purchases.purchased_on')
    expect(deciding).toContain('source/web_events.se_action')

    // Down from a column: its own way into fields, and the audiences and syncs whose rows it decides.
    const spent = { asset: 'model/shop/customers', column: 'lifetime_value' } as const
    expect(reached(spent, 'down', true)).toContain('sync/at_risk_to_slack.text')
    expect(reached(spent, 'down', true)).not.toContain('sync/customers_to_crm.value_tier')
    expect(reached(spent, 'down', false)).toEqual(
      expect.arrayContaining(['sync/customers_to_crm.value_tier', 'audience/at_risk', 'sync/at_risk_to_crm']),
    )
    // Through a notebook nobody sees: its outputs may be made of all that it reads.
    expect(reached({ asset: 'source/purchases', column: 'quantity' }, 'down', true)).toContain(
      'sync/at_risk_to_crm.churn_propensity',
    )

    // A description is no input: the next revision shares the lineage, and no parser runs.
    const described = { ...manifest, assets: manifest.assets.map((asset) => ({ ...asset, description: 'new' })) }
    await store.revisions.deploy({ ...deploy, manifest: described, manifestHash: 'described', code })
    expect(await computeLineage(deps, scope)).toBe(true)
    expect(parse).toHaveBeenCalledTimes(1)
    expect(await store.lineage.get(scope, 2)).toEqual(kept)
  },
)

test('a parser that fails fails nothing else: it is told, and tried again', async () => {
  const { store } = await freshStore()
  const manifest = manifestOf([])
  await store.revisions.deploy({ ...deploy, manifest, manifestHash: 'h' })
  const broken = { store, dialect: 'duckdb', parse: () => Promise.reject(new Error('no')) }
  expect(await computeLineage(broken, scope)).toBe(true)
  expect(await store.lineage.get(scope, 1)).toMatchObject({
    status: 'pending',
    failure: { code: expect.anything() as string },
  })
  // Claimed: nobody tries again before the claim has run out.
  expect(await computeLineage(broken, scope)).toBe(false)

  const python = parseQueries(
    { tables: {}, queries: [{ id: 'trait/a', sql: 'select 1' }] },
    { pythonExecutable: '/nowhere/python', dialect: 'duckdb' },
  )
  await expect(python).rejects.toMatchObject({ code: 'LINEAGE_PARSER_FAILED' })
})

function wordsOf(lineage: ColumnLineage, asset: AssetKey): Record<string, string> {
  const found = lineage.assets.find((each) => each.asset === asset)
  const list = (dependencies: readonly ColumnDependency[]): string =>
    dependencies
      .map((each) => `${each.asset}.${each.column} ${each.uses.join('+')}${each.masked === true ? ' masked' : ''}`)
      .join(', ')
  const columns = Object.entries(found?.columns ?? {}).map(
    ([name, dependencies]) => [name, list(dependencies)] as const,
  )
  const rows = found === undefined || found.rows.length === 0 ? [] : [['', list(found.rows)] as const]
  return Object.fromEntries([...columns, ...rows])
}
