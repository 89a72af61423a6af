import type { AssetKey, AssetSpec, PartitionView, Scope } from '../../orchestrator/contract/index.ts'
import type { MappedPartitions, Partitioning } from '../../orchestrator/graph/index.ts'
import { comparedWith, type Partitionings } from '../../orchestrator/plan/index.ts'
import { dialectSql } from '../../orchestrator/sql/index.ts'
import { checkedReads, valuesOf } from '../materialize/partitions/reads.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import type { CheckDeps } from './deps.ts'
import type { PartToCheck } from './evaluate.ts'

/** What of a partition its checks need to know. */
export interface CheckedPart {
  readonly scope: Scope
  readonly spec: AssetSpec
  readonly manifest: ManifestIndex
  readonly partitionings: Partitionings
  readonly partition: string
  readonly view: PartitionView
  readonly reads: ReadonlyMap<AssetKey, MappedPartitions>
  /** The run whose materialisation is looked at: it is not compared with itself. */
  readonly madeBy: string
}

/** A partition as its checks see it: its own rows, and of what it reads those rows that it was made of. */
export function partToCheck(
  { warehouse, store }: Pick<CheckDeps, 'warehouse' | 'store'>,
  part: CheckedPart,
): PartToCheck {
  const { scope, spec, manifest, partitionings, partition, view, reads, madeBy } = part
  const dialect = dialectSql(warehouse.dialect)
  const partitioning = partitionings(spec.key) as Partitioning
  const { named, own, relationOf } = checkedReads(dialect, manifest, { spec, view, reads }, partitionings)
  return {
    view,
    relation: own,
    relationOf,
    reads: named,
    partitionValue: valuesOf(dialect, view),
    lastGood: (name) =>
      store.checks.lastGoodPartition(scope, spec.key, name, {
        partitions: comparedWith(partitioning, partition),
        butOf: madeBy,
      }),
  }
}
