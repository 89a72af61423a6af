import { TraitlineError, type AssetSpec, type ColumnSpec, type Relation } from '../../orchestrator/contract/index.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'

/**
 * The columns of a table that an asset reads. RELATION_MISSING without the table, COLUMN_MISSING without one of the
 * `needed`: both name the asset, the table and what is there.
 */
export async function requireColumns(
  warehouse: Warehouse,
  needs: {
    readonly asset: AssetSpec
    readonly relation: Relation
    readonly needed: readonly string[]
    /** What makes the table: `model/shop/customers`. */
    readonly madeBy: string
  },
  call: WarehouseCall,
): Promise<ColumnSpec[]> {
  const { asset, relation, needed, madeBy } = needs
  const place = `${relation.schema}.${relation.name}`
  const columns = await warehouse.describe(relation, call)
  if (columns === null) {
    throw new TraitlineError({
      code: 'RELATION_MISSING',
      message: `${asset.key} reads ${place}, which is not in the warehouse`,
      hint: `Make it again: traitline materialize '${madeBy}' --force, or correct its schema and name.`,
      blame: 'user',
    })
  }
  const missing = needed.filter((name) => findColumn(columns, name) === undefined)
  if (missing.length === 0) return columns
  const names = columns.map(({ name }) => name)
  throw new TraitlineError({
    code: 'COLUMN_MISSING',
    message: `${asset.key} reads ${missing.length === 1 ? 'column' : 'columns'} ${missing.join(', ')} of ${place}, which has ${names.join(', ')}`,
    hint: `Correct the name in the definition of ${asset.key}, or add the column to ${madeBy}.`,
    blame: 'user',
  })
}

/** As SQL finds it: without regard to case. */
export function findColumn(columns: readonly ColumnSpec[], name: string): ColumnSpec | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
}
