import { TraitlineError, type AssetKey, type AssetSpec, type Manifest, type Scope } from '../contract/index.ts'
import { isRecorded, openPartitioning, selectPartitions, type Partitioning } from '../graph/index.ts'
import type { Store } from '../store/store.ts'

/** The partitions that an asset has now, by the project's clock; null for an asset without. */
export async function partitioningOf(
  store: Pick<Store, 'partitions'>,
  scope: Scope,
  manifest: Manifest,
  spec: AssetSpec,
  now: number = Date.now(),
): Promise<Partitioning | null> {
  if (spec.partitions === undefined) return null
  const sets = spec.partitions.dimensions.flatMap((dimension) => (dimension.type === 'dynamic' ? [dimension.set] : []))
  const keys = await Promise.all(sets.map(async (set) => [set, await store.partitions.keys(scope, set)] as const))
  return openPartitioning(spec.partitions, {
    now: manifest.asOf === null ? now : Date.parse(manifest.asOf),
    dynamic: Object.fromEntries(keys),
  })
}

/** Before a run starts: that what it asks of partitions can be. Throws PARTITION_UNKNOWN or PARTITION_EMPTY. */
export async function assertPartitions(
  store: Pick<Store, 'partitions'>,
  scope: Scope,
  manifest: Manifest,
  targets: readonly AssetKey[],
  selection: string | null | undefined,
): Promise<void> {
  if (selection === undefined || selection === null) return
  const targeted = new Set(targets)
  const cut = manifest.assets.filter(({ key, partitions }) => partitions !== undefined && targeted.has(key))
  if (cut.length === 0) throw noPartitions(selection)
  if (isRecorded(selection)) return
  for (const spec of cut) {
    const partitioning = await partitioningOf(store, scope, manifest, spec)
    if (partitioning !== null) selectPartitions(spec.key, selection, partitioning)
  }
}

export function noPartitions(selection: string): TraitlineError {
  return new TraitlineError({
    code: 'PARTITION_UNKNOWN',
    message: `the partitions ${selection} were asked for, and no asset of the selection has any`,
    hint: 'Leave the partitions out, or select an asset that has some.',
    blame: 'user',
  })
}
