import type { AssetKey, AssetSpec, Manifest, Scope } from '../../orchestrator/contract/index.ts'
import { openPartitioning, type Partitioning } from '../../orchestrator/graph/index.ts'
import type { Partitionings } from '../../orchestrator/plan/index.ts'
import type { PartitionStore } from '../../orchestrator/store/store.ts'
import { manifestIndex } from './manifests.ts'

/** The partitions that the assets of a manifest have now: by the project's clock, and with the keys that were added. */
export async function openPartitionings(
  store: Pick<PartitionStore, 'keys'>,
  scope: Scope,
  manifest: Manifest,
  specs: readonly AssetSpec[],
  clock: () => Date = () => new Date(),
): Promise<Partitionings> {
  const index = manifestIndex(manifest)
  const cut = [
    ...new Set([...specs, ...specs.flatMap(({ mappings }) => keysOf(mappings).map((key) => index.asset(key)))]),
  ].filter(({ partitions }) => partitions !== undefined)
  const sets = new Set(
    cut.flatMap(({ partitions }) =>
      partitions!.dimensions.flatMap((dimension) => (dimension.type === 'dynamic' ? [dimension.set] : [])),
    ),
  )
  const keys = await Promise.all([...sets].map(async (set) => [set, await store.keys(scope, set)] as const))
  const facts = {
    now: manifest.asOf === null ? clock().getTime() : Date.parse(manifest.asOf),
    dynamic: Object.fromEntries(keys),
  }
  const opened = new Map<AssetKey, Partitioning>(
    cut.map((spec) => [spec.key, openPartitioning(spec.partitions!, facts)]),
  )
  return (key) => opened.get(key) ?? null
}

function keysOf(mappings: AssetSpec['mappings']): AssetKey[] {
  return Object.keys(mappings ?? {}) as AssetKey[]
}
