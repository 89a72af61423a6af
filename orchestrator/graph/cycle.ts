import type { AssetKey } from '../contract/index.ts'
import type { GraphAsset } from './graph.ts'

/**
 * A cycle as a path that ends where it begins, each asset reading the next: `trait/a -> audience/b -> trait/a`.
 * Null if there is none. Depth first, without recursion: a chain may be 10,000 long.
 */
export function findCycle(assets: readonly GraphAsset[]): AssetKey[] | null {
  const deps = new Map(assets.map((asset) => [asset.key, asset.deps]))
  const done = new Set<AssetKey>()
  for (const start of [...deps.keys()].sort()) {
    if (done.has(start)) continue
    const path: AssetKey[] = [start]
    const onPath = new Set(path)
    const next = [0]
    while (path.length > 0) {
      const depth = path.length - 1
      const key = path[depth] as AssetKey
      const position = next[depth] ?? 0
      const dep = deps.get(key)?.[position]
      if (dep === undefined) {
        done.add(key)
        onPath.delete(key)
        path.pop()
        next.pop()
        continue
      }
      next[depth] = position + 1
      if (onPath.has(dep)) return [...path.slice(path.indexOf(dep)), dep]
      if (done.has(dep) || !deps.has(dep)) continue
      path.push(dep)
      onPath.add(dep)
      next.push(0)
    }
  }
  return null
}
