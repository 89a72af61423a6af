import type { Relation } from '../../orchestrator/contract/index.ts'
import {
  dialectSql,
  dropStaging,
  publishStaging,
  type StagedColumn,
  type Statement,
} from '../../orchestrator/sql/index.ts'
import { ensureSchema } from '../warehouse/schema.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'

export interface TableToWrite {
  readonly relation: Relation
  readonly columns: readonly StagedColumn[]
  /** Fills the staging table. */
  readonly stage: readonly Statement[]
  /** Throws if what is in staging must not take the table's place. */
  readonly check?: () => Promise<void>
}

/**
 * Fills a table aside, checks it there, and puts it in place in one transaction: readers see the old table or the
 * new one. What a killed attempt left aside is removed by the next.
 */
export async function writeTable(warehouse: Warehouse, table: TableToWrite, call: WarehouseCall): Promise<void> {
  const { relation, columns, stage, check } = table
  await ensureSchema(warehouse, relation.schema)
  await warehouse.transaction(stage, call)
  try {
    await check?.()
    const existing = await warehouse.describe(relation, call)
    await warehouse.transaction(publishStaging(dialectSql(warehouse.dialect), relation, columns, existing), call)
  } catch (error) {
    // Its rows are nobody's; but that they stay is no reason to hide what went wrong.
    await warehouse.transaction([dropStaging(relation)]).catch(() => undefined)
    throw error
  }
}
