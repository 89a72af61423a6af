import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { ColumnSpec, Relation } from '../contract/index.ts'
import { column, commas, compile, table } from './compile.ts'
import type { DialectSql, Fragment, ResultRow } from './dialect.ts'
import { fingerprintParts, readFingerprint, type FingerprintColumn } from './fingerprint.ts'
import type { StagedColumn } from './staging.ts'
import type { Statement } from './statement.ts'
import { cast, inList } from './values.ts'

/** Of an asset that is made in partitions: all rows, and which partitions there are. Its own relation is a view. */
export interface PartitionTables {
  readonly rows: Relation
  readonly keys: Relation
}

/** The column of `rows` that says which partition a row is of. */
export const partitionColumn = 'traitline_partition'

const longest = 63

export function partitionTables({ schema, name }: Relation): PartitionTables {
  const named = (suffix: string): Relation => ({
    schema,
    name:
      name.length + suffix.length <= longest
        ? `${name}${suffix}`
        : `partitions_${createHash('sha256').update(name).digest('hex').slice(0, 16)}${suffix}`,
  })
  return { rows: named('__rows'), keys: named('__keys') }
}

/** Makes the tables where they are not there, and fits their columns where the asset's have changed. */
export function ensurePartitionTables(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly StagedColumn[],
  existing: readonly ColumnSpec[] | null,
  latestOnly: boolean,
): Statement[] {
  const { rows, keys } = partitionTables(relation)
  const text = sql.raw(dialect.types.text)
  const typed = ({ name, type }: StagedColumn): Fragment => sql`${column(name)} ${sql.raw(dialect.types[type])}`
  const known = new Map((existing ?? []).map(({ name, type }) => [name, type]))
  const changed = existing === null ? [] : columns.filter(({ name, type }) => known.get(name) !== type)
  return [
    ...(existing === null || changed.length > 0 ? [sql`drop view if exists ${table(relation)}`] : []),
    sql`create table if not exists ${table(rows)} (${commas([...columns.map(typed), sql`${column(partitionColumn)} ${text}`])})`,
    sql`create table if not exists ${table(keys)} (partition ${text} primary key, position bigint not null)`,
    ...changed.map((each) =>
      known.has(each.name)
        ? sql`alter table ${table(rows)} alter column ${column(each.name)} type ${sql.raw(dialect.types[each.type])}`
        : sql`alter table ${table(rows)} add column ${typed(each)}`,
    ),
    ...(dialect.indexesPartitions
      ? [
          sql`create index if not exists ${column(`${rows.name.slice(0, 50)}__by`)} on ${table(rows)} (${column(partitionColumn)})`,
        ]
      : []),
    viewOf(relation, columns, latestOnly),
  ].map(compile)
}

/** What those see who read the asset as it is: its latest partitions, or where there is no time all of them. */
function viewOf(relation: Relation, columns: readonly StagedColumn[], latestOnly: boolean): Fragment {
  const { rows, keys } = partitionTables(relation)
  const latest = sql`where ${column(partitionColumn)} in (
    select partition from ${table(keys)} where position = (select max(position) from ${table(keys)}))`
  return sql`create or replace view ${table(relation)} as
    select ${commas(columns.map(({ name }) => column(name)))} from ${table(rows)} ${latestOnly ? latest : sql``}`
}

/** Puts staged partitions in the place of what is there of them, to be run as one transaction. */
export function publishPartitions(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly StagedColumn[],
  staging: Relation,
  partitions: readonly { readonly partition: string; readonly position: number }[],
): Statement[] {
  const { rows, keys } = partitionTables(relation)
  const named = partitions.map(({ partition }) => partition)
  const ofThem = inList(dialect, column(partitionColumn), 'text', named)
  const names = [...columns.map(({ name }) => column(name)), column(partitionColumn)]
  const values = [...columns.map(({ name, type }) => cast(dialect, column(name), type)), column(partitionColumn)]
  return [
    // First: whoever replaces the same partition waits here, and then sees what was put in its place.
    sql`insert into ${table(keys)} (partition, position) values ${commas(
      [...partitions]
        .sort((a, b) => (a.partition < b.partition ? -1 : 1))
        .map(
          ({ partition, position }) =>
            sql`(${cast(dialect, sql`${partition}`, 'text')}, ${cast(dialect, sql`${position}`, 'integer')})`,
        ),
    )} on conflict (partition) do update set position = excluded.position`,
    sql`delete from ${table(rows)} where ${ofThem}`,
    sql`insert into ${table(rows)} (${commas(names)}) select ${commas(values)} from ${table(staging)} where ${ofThem}`,
    sql`drop table ${table(staging)}`,
  ].map(compile)
}

/** Rows `partition, engine, rows, sum` for `readFingerprint`: of partitions without rows too. */
export function partitionFingerprints(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly FingerprintColumn[],
  partitions: readonly string[],
): Statement {
  const { rows, keys } = partitionTables(relation)
  const { hash, engine } = fingerprintParts(dialect, columns)
  const text = sql.raw(dialect.types.text)
  return compile(sql`
    select k.partition, ${engine} as engine, coalesce(found.rows, 0) as rows, coalesce(found.sum, '0') as sum, null as bounds
    from ${table(keys)} k left join (
      select ${column(partitionColumn)} as partition, count(*) as rows, cast(coalesce(sum(${hash}), 0) as ${text}) as sum
      from ${table(rows)} where ${inList(dialect, column(partitionColumn), 'text', partitions)} group by 1
    ) found on found.partition = k.partition
    where ${inList(dialect, column('partition', 'k'), 'text', partitions)}`)
}

export function readPartitionFingerprint(
  row: ResultRow,
  columns: readonly FingerprintColumn[],
): { readonly partition: string; readonly rows: number; readonly dataVersion: string } {
  return { partition: String(row['partition']), ...readFingerprint(row, columns, 'sum') }
}

/** A table that a statement names for itself: some of the rows of another one. */
export interface NamedRead {
  readonly name: string
  readonly query: Fragment
}

/** Where a statement finds what it named for itself. */
export function namedRelation({ name }: Pick<NamedRead, 'name'>): Relation {
  return { schema: '', name }
}

/** A query that may use these names. */
export function withReads(reads: readonly NamedRead[], query: Fragment): Fragment {
  if (reads.length === 0) return query
  return sql`with ${commas(reads.map(({ name, query: rows }) => sql`${column(name)} as (${rows})`))} ${query}`
}

/** The same for a statement that is written already: its parameters stay the first. */
export function queryOver(reads: readonly NamedRead[], { text, parameters }: Statement): Statement {
  if (reads.length === 0) return { text, parameters }
  const named = compile(sql`with ${commas(reads.map(({ name, query }) => sql`${column(name)} as (${query})`))}`)
  // A dollar within a quoted name is part of the name.
  const numbered = named.text.replace(/"(?:[^"]|"")*"|\$(\d+)/g, (found: string, number: string | undefined) =>
    number === undefined ? found : `$${Number(number) + parameters.length}`,
  )
  return { text: `${numbered} ${text}`, parameters: [...parameters, ...named.parameters] }
}

/** The rows of some partitions of an asset's own table; of all of them for `partitions` null. */
export function rowsOfPartitions(
  dialect: DialectSql,
  relation: Relation,
  partitions: readonly string[] | null,
): Fragment {
  const from = sql`select * from ${table(partitionTables(relation).rows)}`
  return partitions === null ? from : sql`${from} where ${inList(dialect, column(partitionColumn), 'text', partitions)}`
}

/** A condition on a column that tells the partition. Bounds are without and with the first instant after. */
export type ColumnBound =
  | { readonly column: string; readonly type: 'timestamp' | 'date'; readonly from: string; readonly to: string }
  | { readonly column: string; readonly type: 'text'; readonly values: readonly string[] }

/** The rows of a table that others write, whose columns tell the partition: any of these combinations. */
export function rowsWithin(
  dialect: DialectSql,
  relation: Relation,
  combinations: readonly (readonly ColumnBound[])[],
): Fragment {
  const one = (bound: ColumnBound): Fragment =>
    bound.type === 'text'
      ? inList(dialect, column(bound.column), 'text', bound.values)
      : sql`(${column(bound.column)} >= ${cast(dialect, sql`${bound.from}`, bound.type)} and ${column(bound.column)} < ${cast(dialect, sql`${bound.to}`, bound.type)})`
  const any = combinations.map((bounds) => (bounds.length === 0 ? sql`true` : sql.join(bounds.map(one), sql` and `)))
  const where =
    any.length === 0
      ? sql`false`
      : sql.join(
          any.map((each) => sql`(${each})`),
          sql` or `,
        )
  return sql`select * from ${table(relation)} where ${where}`
}

/** Something of a partition, as a typed parameter. */
export function partitionValue(dialect: DialectSql, value: string | null, type: 'text' | 'timestamp'): Fragment {
  return cast(dialect, sql`${value}`, type)
}

/** A query of so many columns, and one more that says which partition its rows are of. */
export function withPartition(dialect: DialectSql, query: Fragment, columns: number, partition: string): Fragment {
  const names = Array.from({ length: columns }, (_, at) => column(`c${at}`))
  return sql`select ${commas([...names, partitionValue(dialect, partition, 'text')])}
    from (${query}) as rows_of_it(${commas(names)})`
}

/** Says of all rows of a table that was filled aside which partition they are of. */
export function tagStaging(dialect: DialectSql, staging: Relation, partition: string): Statement[] {
  return [
    sql`alter table ${table(staging)} add column ${column(partitionColumn)} ${sql.raw(dialect.types.text)}`,
    sql`update ${table(staging)} set ${column(partitionColumn)} = ${partitionValue(dialect, partition, 'text')}`,
  ].map(compile)
}
