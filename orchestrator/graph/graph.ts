import { TraitlineError, type AssetKey } from '../contract/index.ts'
import { findCycle } from './cycle.ts'

/** What a graph needs to know of an asset. */
export interface GraphAsset {
  readonly key: AssetKey
  readonly deps: readonly AssetKey[]
}

/**
 * Who reads whom. A dep that is not among the assets is no edge, so a part of a project is a graph too.
 */
export interface Graph<Asset extends GraphAsset = GraphAsset> {
  /**
   * Every key after all that it reads: by the longest way from a root, then by key. The order depends on the set of
   * assets alone, not on how it was listed.
   */
  readonly order: readonly AssetKey[]
  get(key: AssetKey): Asset | undefined
  /** What it reads itself. */
  upstream(key: AssetKey): readonly AssetKey[]
  /** What reads it itself. */
  downstream(key: AssetKey): readonly AssetKey[]
}

/** Throws GRAPH_CYCLE, naming the path. */
export function buildGraph<Asset extends GraphAsset>(assets: readonly Asset[]): Graph<Asset> {
  const byKey = new Map(assets.map((asset) => [asset.key, asset]))
  const upstream = new Map<AssetKey, AssetKey[]>()
  const downstream = new Map<AssetKey, AssetKey[]>()
  for (const key of byKey.keys()) downstream.set(key, [])
  for (const [key, asset] of byKey) {
    const deps = [...new Set(asset.deps)].filter((dep) => byKey.has(dep))
    upstream.set(key, deps)
    for (const dep of deps) downstream.get(dep)?.push(key)
  }

  const order = topologicalOrder(upstream, downstream)
  if (order.length < byKey.size) {
    const path = findCycle([...byKey.values()]) ?? []
    throw new TraitlineError({
      code: 'GRAPH_CYCLE',
      message: `assets read each other in a circle: ${path.join(' -> ')}`,
      hint: 'Each reads the next one: take one of these references away.',
      blame: 'user',
    })
  }
  return {
    order,
    get: (key) => byKey.get(key),
    upstream: (key) => upstream.get(key) ?? [],
    downstream: (key) => downstream.get(key) ?? [],
  }
}

/** Kahn's algorithm a level at a time; what is on a cycle, or behind one, is left out. */
function topologicalOrder(
  upstream: ReadonlyMap<AssetKey, readonly AssetKey[]>,
  downstream: ReadonlyMap<AssetKey, readonly AssetKey[]>,
): AssetKey[] {
  const waiting = new Map<AssetKey, number>()
  let level: AssetKey[] = []
  for (const [key, deps] of upstream) {
    waiting.set(key, deps.length)
    if (deps.length === 0) level.push(key)
  }
  const order: AssetKey[] = []
  while (level.length > 0) {
    level.sort(byText)
    for (const key of level) order.push(key)
    const next: AssetKey[] = []
    for (const key of level) {
      for (const reader of downstream.get(key) ?? []) {
        const left = (waiting.get(reader) ?? 0) - 1
        waiting.set(reader, left)
        if (left === 0) next.push(reader)
      }
    }
    level = next
  }
  return order
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
