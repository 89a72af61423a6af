import type { AssetKey, AssetSpec, Manifest, Scope } from '../contract/index.ts'
import { isRecorded, selectPartitions, type Partitioning } from '../graph/index.ts'
import { noPartitions, partitioningsOf } from '../plan/index.ts'
import type { Store } from '../store/store.ts'

/** The partitions that an asset has now, by the project's clock; null for an asset without. */
export async function partitioningOf(
  store: Pick<Store, 'partitions'>,
  scope: Scope,
  manifest: Manifest,
  spec: AssetSpec,
  now: number = Date.now(),
): Promise<Partitioning | null> {
  return (await partitioningsOf(store.partitions, scope, manifest, [spec], now))(spec.key)
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
