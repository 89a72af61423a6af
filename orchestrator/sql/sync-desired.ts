import type { ColumnType, Relation } from '../contract/index.ts'
import { quoteColumn, quoteTable } from './sync-quote.ts'
import type { SyncDialect } from './sync-dialect.ts'

/** One source column that a sync's mapping reads. */
export interface DesiredColumn {
  readonly name: string
  /** What its table calls it, where that is another name. */
  readonly source?: string
  readonly type: ColumnType
  /** Digits that matter: noise beyond them is no change. Null: all of them. */
  readonly decimals: number | null
  /** The table that it comes from, joined by the key; null if `from` has it. */
  readonly relation: Relation | null
}

/** The set that should be at the destination: whoever is in `from`, with the columns that the mapping reads. */
export interface DesiredSet {
  readonly from: Relation
  /** The entity's key column: has the same name in every table. */
  readonly key: string
  readonly columns: readonly DesiredColumn[]
  /** Boolean columns that have to be true: whoever has none, or false, is not desired. */
  readonly consents?: readonly ConsentColumn[]
  /** Of several rows with one key, the one that is first by this: those that share the first place stay several. */
  readonly pick?: Pick<DesiredColumn, 'name' | 'source' | 'relation'> & { readonly order: 'asc' | 'desc' }
}

export type ConsentColumn = Pick<DesiredColumn, 'name' | 'relation'>

/** How many rows of `from` are not desired for want of consent. */
export function withheldRows(desired: DesiredSet, dialect: SyncDialect): string {
  if ((desired.consents ?? []).length === 0) return '0'
  return `(select count(*) from ${quoteTable(desired.from)}) - (select count(*) from (${desiredRows(desired, dialect)}) c)`
}

/** The desired rows as `_key` (text) and the columns: names of columns never begin with an underscore. */
export function desiredRows(desired: DesiredSet, dialect: SyncDialect): string {
  const { consents = [], pick } = desired
  const read = [...desired.columns, ...consents, ...(pick === undefined ? [] : [pick])]
  const joined = [...new Map(read.flatMap(joinedTable)).keys()]
  const alias = (column: ConsentColumn): string =>
    column.relation === null ? 'f' : `t${joined.indexOf(quoteTable(column.relation))}`
  const key = quoteColumn(desired.key)
  const columns = desired.columns.map((column) => {
    const value = `${alias(column)}.${quoteColumn(column.source ?? column.name)}`
    return `cast(${value} as ${dialect.types[column.type]}) as ${quoteColumn(column.name)}`
  })
  const by = pick === undefined ? '' : `${alias(pick)}.${quoteColumn(pick.source ?? pick.name)} ${pick.order}`
  const place = pick === undefined ? [] : [`rank() over (partition by f.${key} order by ${by} nulls last) as _place`]
  const rows = [
    `select ${[`cast(f.${key} as ${dialect.types.text}) as _key`, ...columns, ...place].join(', ')}`,
    `from ${quoteTable(desired.from)} f`,
    ...joined.map((table, index) => `left join ${table} t${index} on t${index}.${key} = f.${key}`),
    ...consents.map(
      (column, index) => `${index === 0 ? 'where' : 'and'} ${alias(column)}.${quoteColumn(column.name)} is true`,
    ),
  ].join('\n')
  if (pick === undefined) return rows
  const names = ['_key', ...desired.columns.map(({ name }) => quoteColumn(name))]
  // Rows without a key are told of one by one.
  return `select ${names.join(', ')} from (${rows}) p where _place = 1 or _key is null`
}

function joinedTable(column: ConsentColumn): [string, Relation][] {
  return column.relation === null ? [] : [[quoteTable(column.relation), column.relation]]
}

/** The hash of a row. `version` is an SQL expression of the mapping's version: with another every row is another row. */
export function rowHash(columns: readonly DesiredColumn[], version: string, row: string, dialect: SyncDialect): string {
  return dialect.rowHash(
    version,
    columns.map(({ name, type, decimals }) => ({ value: `${row}.${quoteColumn(name)}`, type, decimals })),
  )
}
