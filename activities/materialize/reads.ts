import {
  TraitlineError,
  isTraitlineError,
  type AssetKey,
  type ColumnSpec,
  type Relation,
} from '../../orchestrator/contract/index.ts'
import { dialectSql, type Dialect } from '../../orchestrator/sql/index.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'

/** A table that an asset's SQL reads, and the columns that it takes from it. */
export interface Read {
  readonly asset: AssetKey
  readonly relation: Relation
  readonly columns: readonly string[]
}

/** The columns of these names, as the warehouse has them, and the names that it does not know. */
export function findColumns(
  dialect: Dialect,
  found: readonly ColumnSpec[],
  names: readonly string[],
): { readonly columns: ColumnSpec[]; readonly missing: string[] } {
  const { foldsCase } = dialectSql(dialect)
  const id = (name: string): string => (foldsCase ? name.toLowerCase() : name)
  const known = new Map(found.map((column) => [id(column.name), column]))
  return {
    columns: names.flatMap((name) => known.get(id(name)) ?? []),
    missing: names.filter((name) => !known.has(id(name))),
  }
}

/**
 * Runs `work`; if it fails over a table or column that is not there, looks which of `reads` that was and says so in
 * the words of the project. Where all is well nothing is looked up.
 */
export async function explainingMissing<T>(
  warehouse: Warehouse,
  reader: AssetKey,
  reads: readonly Read[],
  work: () => Promise<T>,
  call: WarehouseCall,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isTraitlineError(error) || !['COLUMN_MISSING', 'RELATION_MISSING'].includes(error.code)) throw error
    for (const read of reads) {
      const found = await warehouse.describe(read.relation, call)
      if (found === null) throw tableLost(reader, read)
      const { missing } = findColumns(warehouse.dialect, found, read.columns)
      if (missing.length > 0) throw columnMissing(reader, read, missing, found)
    }
    throw error
  }
}

const mostNamed = 30

export function columnMissing(
  reader: AssetKey,
  { asset, relation }: Pick<Read, 'asset' | 'relation'>,
  missing: readonly string[],
  found: readonly ColumnSpec[],
): TraitlineError {
  const names = found.map(({ name }) => name)
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : ''
  const of = asset === reader ? '' : ` of ${asset}`
  return new TraitlineError({
    code: 'COLUMN_MISSING',
    message: `${reader} reads ${missing.join(', ')}${of}, which ${relation.schema}.${relation.name} does not have: its columns are ${names.slice(0, mostNamed).join(', ')}${more}`,
    hint: `Correct the name in ${reader}, or add the column to ${relation.schema}.${relation.name}.`,
    blame: 'user',
  })
}

function tableLost(reader: AssetKey, { asset, relation }: Read): TraitlineError {
  return new TraitlineError({
    code: 'RELATION_MISSING',
    message: `${reader} reads ${asset}, whose table ${relation.schema}.${relation.name} is no longer in the warehouse`,
    hint: `Make it again: traitline materialize '${asset}' --force`,
    blame: 'user',
  })
}
