import type { ColumnSpec, Relation } from '../../../orchestrator/contract/index.ts'
import { partitionTables, type Statement } from '../../../orchestrator/sql/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** What an asset that had partitions before left where its table goes, to be removed with the publishing of it. */
export async function leftPartitions(
  warehouse: Warehouse,
  relation: Relation,
  existing: readonly ColumnSpec[] | null,
): Promise<readonly Statement[]> {
  const { rows, keys } = partitionTables(relation)
  if (existing === null || (await warehouse.describe(rows)) === null) return []
  const name = (of: Relation): string => `"${of.schema}"."${of.name}"`
  return [`drop view if exists ${name(relation)}`, `drop table ${name(rows)}`, `drop table ${name(keys)}`].map(
    (text) => ({
      text,
      parameters: [],
    }),
  )
}
