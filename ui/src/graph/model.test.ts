import { describe, expect, test } from 'vitest'
import { assetKinds } from '../../../orchestrator/contract/index.ts'
import type { Graph } from '../../../orchestrator/server/api.ts'
import { layoutGraph } from './layout.ts'
import { around, isHealth, lineageOf, nodesOf, step } from './model.ts'

const graph: Graph = {
  revision: 1,
  sequence: 9,
  kindNames: assetKinds,
  groupNames: [],
  statusNames: ['never', 'running', 'materialized', 'failed', 'upstream_failed', 'cancelled'],
  keys: ['source/purchases', 'model/shop/customers', 'trait/orders', 'trait/value', 'audience/loyal'],
  kinds: [0, 1, 3, 3, 5],
  groups: [-1, -1, -1, -1, -1],
  statuses: [2, 2, 2, 3, 4],
  stale: [0, 1, 0, 0, 0],
  failedChecks: [0, 0, 1, 0, 0],
  rows: [10, 5, 5, null, null],
  materializedAt: [1, 2, 3, null, null],
  from: [0, 1, 1, 2, 3],
  to: [1, 2, 3, 4, 4],
}
const nodes = nodesOf(graph)

test('columns become nodes with their neighbours and health', () => {
  expect(nodes.map(({ name, kind, health }) => `${kind} ${name}: ${health}`)).toEqual([
    'source purchases: materialized',
    'model customers: stale',
    'trait orders: checks_failed',
    'trait value: failed',
    'audience loyal: upstream_failed',
  ])
  expect(nodes[1]).toMatchObject({ upstream: [0], downstream: [2, 3] })
})

test('around one asset there are its own edges alone', () => {
  const star = around(graph, 'trait/orders')
  expect(star.from.map((source, edge) => [source, star.to[edge]])).toEqual([
    [1, 2],
    [2, 4],
  ])
})

test('lineage goes up and down, not sideways', () => {
  expect(lineageOf(nodes, 2)).toEqual(new Set([2, 1, 0, 4]))
})

describe('arrow keys', () => {
  const layout = layoutGraph(
    { nodes: 5, from: graph.from, to: graph.to },
    { nodeWidth: 1, nodeHeight: 1, layerGap: 1, nodeGap: 1 },
  )
  test('follow edges and layers, and stay at the border', () => {
    expect(step(nodes, layout, 0, 'right')).toBe(1)
    expect(step(nodes, layout, 4, 'right')).toBe(4)
    expect(step(nodes, layout, 2, 'left')).toBe(1)
    expect(new Set([step(nodes, layout, 2, 'down'), step(nodes, layout, 2, 'up')])).toEqual(new Set([2, 3]))
  })
})

test('health filters', () => {
  expect(nodes.filter(({ health }) => isHealth(health, 'failing')).map(({ name }) => name)).toEqual([
    'orders',
    'value',
    'loyal',
  ])
  expect(isHealth('stale', 'stale')).toBe(true)
  expect(isHealth('materialized', 'stale')).toBe(false)
})
