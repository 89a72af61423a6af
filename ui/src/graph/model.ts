import { nameOf, type AssetKey, type AssetKind } from '../../../orchestrator/contract/index.ts'
import type { Graph } from '../../../orchestrator/server/api.ts'
import { healthOf, type Status } from '../components/status.tsx'

/** The graph as the page works with it: pure. */

export interface GraphNode {
  readonly index: number
  readonly key: AssetKey
  readonly name: string
  readonly kind: AssetKind
  readonly health: Status
  readonly rows: number | null
  readonly materializedAt: number | null
  readonly upstream: readonly number[]
  readonly downstream: readonly number[]
}

export function nodesOf(graph: Graph): GraphNode[] {
  const upstream: number[][] = graph.keys.map(() => [])
  const downstream: number[][] = graph.keys.map(() => [])
  graph.from.forEach((source, edge) => {
    const target = graph.to[edge] ?? -1
    upstream[target]?.push(source)
    downstream[source]?.push(target)
  })
  return graph.keys.map((key, index) => ({
    index,
    key,
    name: nameOf(key),
    kind: graph.kindNames[graph.kinds[index] ?? 0] ?? 'source',
    health: healthOf({
      status: graph.statusNames[graph.statuses[index] ?? 0] ?? 'never',
      stale: graph.stale[index] === 1,
      failedChecks: graph.failedChecks[index] ?? 0,
    }),
    rows: graph.rows[index] ?? null,
    materializedAt: graph.materializedAt[index] ?? null,
    upstream: upstream[index] ?? [],
    downstream: downstream[index] ?? [],
  }))
}

/** The same graph with the edges of one asset alone: what is beside it then stands in three layers. */
export function around(graph: Graph, key: string): Graph {
  const center = graph.keys.findIndex((other) => other === key)
  const kept = graph.from.flatMap((source, edge) => (source === center || graph.to[edge] === center ? [edge] : []))
  return {
    ...graph,
    from: kept.map((edge) => graph.from[edge] ?? 0),
    to: kept.map((edge) => graph.to[edge] ?? 0),
  }
}

/** A node and all that it comes from or leads to. */
export function lineageOf(nodes: readonly GraphNode[], start: number): Set<number> {
  const found = new Set<number>([start])
  for (const side of ['upstream', 'downstream'] as const) {
    const seen = new Set<number>([start])
    // A set's iteration goes on to what is added meanwhile.
    for (const at of seen) for (const other of nodes[at]?.[side] ?? []) seen.add(other)
    for (const at of seen) found.add(at)
  }
  return found
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/** Where an arrow key leads: along an edge to the nearest neighbour, or to the next node of the same layer. */
export function step(
  nodes: readonly GraphNode[],
  layout: {
    readonly y: readonly number[]
    readonly layer: readonly number[]
    readonly layers: readonly (readonly number[])[]
  },
  from: number,
  direction: Direction,
): number {
  if (direction === 'up' || direction === 'down') {
    const row = layout.layers[layout.layer[from] ?? 0] ?? []
    return row[row.indexOf(from) + (direction === 'down' ? 1 : -1)] ?? from
  }
  const node = nodes[from]
  const others = (direction === 'left' ? node?.upstream : node?.downstream) ?? []
  const distance = (other: number) => Math.abs((layout.y[other] ?? 0) - (layout.y[from] ?? 0))
  return others.toSorted((a, b) => distance(a) - distance(b))[0] ?? from
}

/** What a filter of the address keeps. */
export function isHealth(health: Status, filter: 'failing' | 'stale' | 'running' | 'never'): boolean {
  if (filter === 'failing') return health === 'failed' || health === 'upstream_failed' || health === 'checks_failed'
  return health === filter
}
