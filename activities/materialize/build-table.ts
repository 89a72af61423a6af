import type { AssetSpec, Relation } from '../../orchestrator/contract/index.ts'
import { dialectSql, publishStaging, type StagedColumn, type Statement } from '../../orchestrator/sql/index.ts'
import { profileRelation, type ProfileColumn } from '../profile/profile.ts'
import { ensureSchema } from '../warehouse/schema.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Job, Made } from './materialize-asset.ts'

/**
 * Fills a table aside, checks it, puts it in its place in one transaction, and profiles it. The old table stands until
 * then. Killed at any point, the same again gives the same.
 */
export async function buildTable(
  warehouse: Warehouse,
  { spec, signal }: Job<AssetSpec & { readonly relation: Relation }>,
  table: {
    readonly columns: readonly StagedColumn[]
    /** Statements that make and fill the staging table. */
    readonly stage: readonly Statement[]
    /** Throws what is wrong with the staging table. */
    readonly check?: () => Promise<void>
    readonly profile: readonly ProfileColumn[]
  },
): Promise<Made> {
  const { relation } = spec
  await ensureSchema(warehouse, relation.schema)
  await warehouse.transaction(table.stage, { signal })
  await table.check?.()
  const existing = await warehouse.describe(relation, { signal })
  const publish = publishStaging(dialectSql(warehouse.dialect), relation, table.columns, existing)
  await warehouse.transaction(publish, { signal })
  return profileRelation(warehouse, { relation, columns: table.profile }, { signal })
}
