import type { TraitSpec } from '../../../orchestrator/contract/index.ts'
import { relationMapping } from '../../../orchestrator/graph/index.ts'
import { partitionsRead } from '../../../orchestrator/plan/index.ts'
import { dialectSql } from '../../../orchestrator/sql/index.ts'
import { openPartitionings } from '../../runtime/index.ts'
import type { MaterializeDeps } from '../deps.ts'
import type { Job } from '../materialize-asset.ts'
import { partReads, type PartReads } from './reads.ts'

/** Which partitions an asset without any of its own reads, where it is not what the upstream's relation shows. */
export async function wholeReads(
  { warehouse, store, clock }: Pick<MaterializeDeps, 'warehouse' | 'store' | 'clock'>,
  { spec, manifest, input }: Job<TraitSpec>,
): Promise<PartReads> {
  const asShown = Object.entries(spec.mappings ?? {}).every(([dep, mapping]) => {
    const upstream = manifest.asset(dep as TraitSpec['key'])
    const shown = upstream.partitions === undefined ? {} : relationMapping(upstream.partitions, upstream.kind)
    return Object.entries(mapping).every(([name, { type }]) => shown[name]?.type === type)
  })
  if (asShown) return { named: [], relationOf: manifest.relation }
  const partitionings = await openPartitionings(store.partitions, input, manifest.manifest, [spec], clock)
  const reads = partitionsRead(spec, null, partitionings)
  return partReads(dialectSql(warehouse.dialect), manifest, reads, partitionings)
}
