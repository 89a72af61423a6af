import type { AssetKey, Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import { isPrintOf, targetOf } from './target.ts'

/** Of these assets the syncs whose rows would go elsewhere than those of their last sync run. */
export async function movedSyncs(
  store: Pick<Store, 'syncs'>,
  scope: Scope,
  { manifest, asset }: ManifestIndex,
  keys: readonly AssetKey[],
  secrets: (name: string) => string | undefined,
): Promise<ReadonlySet<AssetKey>> {
  const syncs = keys.map((key) => asset(key)).filter((spec) => spec.kind === 'sync')
  if (syncs.length === 0) return new Set()
  const prints = await store.syncs.targets(scope)
  const destinations = new Map(manifest.destinations.map((destination) => [destination.name, destination]))
  const moved = syncs.filter(({ key, destination: name, stream }) => {
    const [print, destination] = [prints[key], destinations.get(name)]
    if (print === undefined || destination === undefined) return false
    return !isPrintOf(print, targetOf(destination, { name: stream }, secrets))
  })
  return new Set(moved.map(({ key }) => key))
}
