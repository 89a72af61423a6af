import type { AssetKey, AssetSpec, ColumnType } from '../contract/index.ts'
import type { Definition } from '../define/definition.ts'
import { nearest } from '../graph/index.ts'
import { keyOf } from './collect.ts'
import type { Context } from './context.ts'

/** What is known of a table's columns before anything ran. */
export interface TableColumns {
  /** A type that nobody states is null. */
  readonly columns: ReadonlyMap<string, ColumnType | null>
  /** Whether a column that is not among them cannot be there. */
  readonly closed: boolean
}

export type KnownColumns = ReadonlyMap<AssetKey, TableColumns>

export function knownColumns(columns: AssetSpec['columns']): TableColumns {
  return { columns: new Map(columns.map(({ name, type }) => [name, type])), closed: true }
}

/** Reports a column that a table lacks, or that is of another type. What is not known is left to the warehouse. */
export function checkColumn(
  reader: Definition,
  table: Definition,
  column: string,
  types: readonly ColumnType[],
  context: Context,
  known: KnownColumns,
): void {
  const found = known.get(keyOf(table))
  if (found === undefined) return
  const type = found.columns.get(column)
  if (type === undefined) {
    if (!found.closed) return
    const near = nearest(column, found.columns.keys())
    const fix =
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${[...found.columns.keys()].join(', ')}`
    context.report(reader, `${keyOf(table)} has no column ${column}`, fix)
  } else if (type !== null && !types.includes(type)) {
    const fix = `Use a column of type ${types.join(' or ')}, or SQL that makes one`
    context.report(reader, `the column ${column} of ${keyOf(table)} is ${type}`, fix)
  }
}
