import type { AssetSpec, Relation } from '../../orchestrator/contract/index.ts'
import {
  dialectSql,
  dropStaging,
  publishStaging,
  type StagedColumn,
  type Statement,
} from '../../orchestrator/sql/index.ts'
import { profileRelation, type ProfileColumn } from '../profile/profile.ts'
import { ensureSchema } from '../warehouse/schema.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { leftPartitions } from './partitions/left.ts'
import { explainMissing, type Read } from './columns.ts'
import type { Job, Made } from './materialize-asset.ts'

export interface TableToBuild {
  readonly columns: readonly StagedColumn[]
  /** Make and fill the staging table. */
  readonly stage: readonly Statement[]
  /** What `stage` reads. */
  readonly reads: readonly Read[]
  /** Throws if what was staged must not take the table's place. */
  readonly check?: () => Promise<void>
  readonly profile: readonly ProfileColumn[]
}

/**
 * Fills a table aside, checks it there, puts it in its place in one transaction, and profiles it: readers see the old
 * table or the new one. What a killed attempt left aside is removed by the next, which makes the same.
 */
export async function buildTable(
  warehouse: Warehouse,
  { spec, signal }: Job<AssetSpec & { readonly relation: Relation }>,
  table: TableToBuild,
): Promise<Made> {
  const { relation } = spec
  await ensureSchema(warehouse, relation.schema)
  try {
    await warehouse.transaction(table.stage, { signal })
  } catch (error) {
    throw await explainMissing(warehouse, spec.key, table.reads, error, { signal })
  }
  try {
    await table.check?.()
    const existing = await warehouse.describe(relation, { signal })
    const left = await leftPartitions(warehouse, relation, existing)
    const target = left.length === 0 ? existing : null
    const publish = publishStaging(dialectSql(warehouse.dialect), relation, table.columns, target)
    await warehouse.transaction([...left, ...publish], { signal })
  } catch (error) {
    // Nobody's rows; but that they stay is no reason to hide what went wrong.
    await warehouse.transaction([dropStaging(relation)]).catch(() => undefined)
    throw error
  }
  return profileRelation(warehouse, { relation, columns: table.profile }, { signal })
}
