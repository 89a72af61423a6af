import {
  TraitlineError,
  isTraitlineError,
  type AssetKey,
  type ColumnSpec,
  type Relation,
} from '../../orchestrator/contract/index.ts'
import { dialectSql } from '../../orchestrator/sql/index.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'

/** A table that an asset reads, and the columns that it takes from it. */
export interface Read {
  /** What makes the table. */
  readonly from: AssetKey
  readonly relation: Relation
  readonly columns: readonly string[]
}

/**
 * The columns of a table that `asset` reads, those that it needs first and in their order. RELATION_MISSING without
 * the table, COLUMN_MISSING without one of them: both name the asset, the table and what is there.
 */
export async function requireColumns(
  warehouse: Warehouse,
  asset: AssetKey,
  read: Read,
  call: WarehouseCall,
): Promise<ColumnSpec[]> {
  const found = await warehouse.describe(read.relation, call)
  if (found === null) throw relationMissing(asset, read)
  const { foldsCase } = dialectSql(warehouse.dialect)
  const id = (name: string): string => (foldsCase ? name.toLowerCase() : name)
  const byName = new Map(found.map((column) => [id(column.name), column]))
  const missing = read.columns.filter((name) => !byName.has(id(name)))
  if (missing.length > 0) throw columnMissing(asset, read, missing, found)
  const needed = read.columns.flatMap((name) => byName.get(id(name)) ?? [])
  return [...needed, ...found.filter((column) => !needed.includes(column))]
}

/**
 * An error over a table or column that is not there, in the words of the project: which of `reads` it was. Looked up
 * only once it has happened.
 */
export async function explainMissing(
  warehouse: Warehouse,
  asset: AssetKey,
  reads: readonly Read[],
  error: unknown,
  call: WarehouseCall,
): Promise<unknown> {
  if (!isTraitlineError(error) || !['COLUMN_MISSING', 'RELATION_MISSING'].includes(error.code)) return error
  for (const read of reads) {
    const missing = await requireColumns(warehouse, asset, read, call).then(
      () => null,
      (each: unknown) => each,
    )
    if (missing !== null) return missing
  }
  return error
}

const mostNamed = 30

function columnMissing(
  asset: AssetKey,
  { from, relation }: Read,
  missing: readonly string[],
  found: readonly ColumnSpec[],
): TraitlineError {
  const place = `${relation.schema}.${relation.name}`
  const names = found.map(({ name }) => name)
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
  return new TraitlineError({
    code: 'COLUMN_MISSING',
    message: `${asset} reads ${missing.join(', ')} of ${place}, whose columns are ${names.slice(0, mostNamed).join(', ')}${more}`,
    hint:
      from === asset
        ? `Correct the name in the definition of ${asset}, or add the column to ${place}.`
        : `Correct the name in the definition of ${asset}, or add the column to ${from}.`,
    blame: 'user',
  })
}

function relationMissing(asset: AssetKey, { from, relation }: Read): TraitlineError {
  return new TraitlineError({
    code: 'RELATION_MISSING',
    message: `${asset} reads ${relation.schema}.${relation.name}, which is not in the warehouse`,
    hint:
      from === asset
        ? 'Create the table, or correct its schema and name in the definition.'
        : `Make it again: traitline materialize '${from}' --force`,
    blame: 'user',
  })
}
