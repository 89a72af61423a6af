import type { AssetKey } from '../contract/index.ts'
import type { Graph } from './graph.ts'

/** The keys and all that they read, at most `depth` edges away. */
export function upstreamClosure(graph: Graph, keys: Iterable<AssetKey>, depth = Infinity): Set<AssetKey> {
  return closure((key) => graph.upstream(key), keys, depth)
}

/** The keys and all that reads them, at most `depth` edges away. */
export function downstreamClosure(graph: Graph, keys: Iterable<AssetKey>, depth = Infinity): Set<AssetKey> {
  return closure((key) => graph.downstream(key), keys, depth)
}

function closure(
  neighbours: (key: AssetKey) => readonly AssetKey[],
  keys: Iterable<AssetKey>,
  depth: number,
): Set<AssetKey> {
  const found = new Set(keys)
  let edge = [...found]
  for (let step = 0; step < depth && edge.length > 0; step++) {
    const next: AssetKey[] = []
    for (const key of edge) {
      for (const neighbour of neighbours(key)) {
        if (found.has(neighbour)) continue
        found.add(neighbour)
        next.push(neighbour)
      }
    }
    edge = next
  }
  return found
}
