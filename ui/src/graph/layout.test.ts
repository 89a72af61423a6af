import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutGraph, spread, type LayoutInput } from './layout.ts'

const size = { nodeWidth: 200, nodeHeight: 48, layerGap: 80, nodeGap: 16 }

/** Edges lead from lower numbers to higher ones, so there is no cycle. */
const graphs: fc.Arbitrary<LayoutInput> = fc.integer({ min: 1, max: 60 }).chain((nodes) =>
  fc
    .array(fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1)), { maxLength: 150 })
    .map((pairs) => pairs.filter(([a, b]) => a !== b).map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a])))
    .map((edges) => ({ nodes, from: edges.map(([a]) => a), to: edges.map(([, b]) => b) })),
)

describe('layoutGraph', () => {
  test('every edge leads to the right', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { x } = layoutGraph(graph, size)
        graph.from.forEach((source, edge) => expect(x[source]!).toBeLessThan(x[graph.to[edge]!]!))
      }),
    )
  })

  test('nodes of a layer never overlap, and all lie within the size', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { layers, x, y, width, height } = layoutGraph(graph, size)
        expect(layers.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: graph.nodes }, (_, node) => node))
        for (const nodes of layers) {
          nodes.slice(1).forEach((node, at) => {
            expect(y[node]! - y[nodes[at]!]!).toBeGreaterThanOrEqual(size.nodeHeight + size.nodeGap - 1e-6)
          })
        }
        for (let node = 0; node < graph.nodes; node++) {
          expect(y[node]!).toBeGreaterThanOrEqual(-1e-6)
          expect(y[node]! + size.nodeHeight).toBeLessThanOrEqual(height + 1e-6)
          expect(x[node]! + size.nodeWidth).toBeLessThanOrEqual(width)
        }
      }),
    )
  })

  test('the same graph is laid out the same way', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        expect(layoutGraph(graph, size)).toEqual(layoutGraph(graph, size))
      }),
    )
  })

  test('two crossed pairs are uncrossed', () => {
    const { y } = layoutGraph({ nodes: 4, from: [0, 1], to: [3, 2] }, size)
    expect(Math.sign(y[0]! - y[1]!)).toBe(Math.sign(y[3]! - y[2]!))
  })

  test('a chain is a straight line, and what is only read late stands beside its reader', () => {
    const { y, layer } = layoutGraph({ nodes: 4, from: [0, 1, 3], to: [1, 2, 2] }, size)
    expect(y[0]).toBe(y[1])
    expect(layer[3]).toBe(1)
  })

  test('nothing at all', () => {
    expect(layoutGraph({ nodes: 0, from: [], to: [] }, size)).toMatchObject({ width: 0, height: 0, layers: [] })
  })

  test('ten thousand assets, four hundred deep', () => {
    const nodes = 10_000
    const from: number[] = []
    const to: number[] = []
    for (let node = 25; node < nodes; node++) {
      from.push(node - 25, (node * 7919) % (node - 24))
      to.push(node, node)
    }
    const started = performance.now()
    const { layers } = layoutGraph({ nodes, from, to }, size)
    console.log(`layout of ${nodes} nodes, ${from.length} edges: ${(performance.now() - started).toFixed(0)} ms`)
    expect(layers.length).toBeGreaterThanOrEqual(400)
  })
})

test('spread keeps order and spacing, and moves nothing that has room', () => {
  expect(spread([0, 100, 200], 50)).toEqual([0, 100, 200])
  expect(spread([10, 10], 50)).toEqual([-15, 35])
  expect(spread([], 50)).toEqual([])
})
