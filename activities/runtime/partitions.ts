import type { AssetSpec, Manifest, Scope } from '../../orchestrator/contract/index.ts'
import { openPartitionings as open, type PartitionReader, type Partitionings } from '../../orchestrator/plan/index.ts'
import { manifestIndex } from './manifests.ts'

/** The partitions that the assets of a manifest have now: by the project's clock, and with the keys that were added. */
export function openPartitionings(
  reader: Pick<PartitionReader, 'keys'>,
  scope: Scope,
  manifest: Manifest,
  specs: readonly AssetSpec[],
  clock: () => Date = () => new Date(),
): Promise<Partitionings> {
  return open(reader, scope, manifest, specs, manifestIndex(manifest).asset, clock().getTime())
}
