import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { ColumnSpec, ColumnType, Relation } from '../contract/index.ts'
import { column, commas, compile, table } from './compile.ts'
import type { DialectSql, Fragment } from './dialect.ts'
import type { Statement } from './statement.ts'
import { cast } from './values.ts'

/** A column of a table that is filled aside and then put in place. */
export interface StagedColumn {
  readonly name: string
  readonly type: ColumnType
  /** Its type while values are still to be checked; the same unless given. */
  readonly stagedAs?: ColumnType
}

/** Where a table is filled before it takes its place: in the same schema, under a name of bounded length. */
export function stagingRelation({ schema, name }: Relation): Relation {
  return { schema, name: `staging_${createHash('sha256').update(name).digest('hex').slice(0, 16)}` }
}

/**
 * Makes the staging table anew and fills it. What a killed attempt left of it goes first. With its types spelled out,
 * since `create table as` takes no parameters.
 */
export function fillStaging(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly StagedColumn[],
  ...queries: readonly Fragment[]
): Statement[] {
  const staging = table(stagingRelation(relation))
  const definitions = columns.map(
    ({ name, type, stagedAs }) => sql`${column(name)} ${sql.raw(dialect.types[stagedAs ?? type])}`,
  )
  return [
    sql`drop table if exists ${staging}`,
    sql`create table ${staging} (${commas(definitions)})`,
    ...queries.map((rows) => sql`insert into ${staging} (${commas(columns.map(({ name }) => column(name)))}) ${rows}`),
  ].map(compile)
}

/**
 * Puts the staging table in its place, to be run as one transaction. `existing` is what stands there now, null if
 * nothing: where views would hold on to the old table (see `DialectSql.replacesContent`), its content is replaced.
 */
export function publishStaging(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly StagedColumn[],
  existing: readonly ColumnSpec[] | null,
): Statement[] {
  const staging = table(stagingRelation(relation))
  const target = table(relation)
  if (dialect.replacesContent && existing !== null && sameColumns(existing, columns)) {
    const names = commas(columns.map(({ name }) => column(name)))
    const values = commas(columns.map(({ name, type }) => cast(dialect, column(name), type)))
    return [
      sql`truncate ${target}`,
      sql`insert into ${target} (${names}) select ${values} from ${staging}`,
      sql`drop table ${staging}`,
    ].map(compile)
  }
  const retyped = columns.filter(({ type, stagedAs }) => stagedAs !== undefined && stagedAs !== type)
  return [
    sql`drop table if exists ${target}`,
    ...retyped.map(
      ({ name, type }) => sql`alter table ${staging} alter column ${column(name)} type ${sql.raw(dialect.types[type])}`,
    ),
    sql`alter table ${staging} rename to ${column(relation.name)}`,
  ].map(compile)
}

/** Removes what was staged and is not to be published. */
export function dropStaging(relation: Relation): Statement {
  return compile(sql`drop table if exists ${table(stagingRelation(relation))}`)
}

function sameColumns(a: readonly ColumnSpec[], b: readonly StagedColumn[]): boolean {
  return a.length === b.length && a.every(({ name, type }, index) => name === b[index]?.name && type === b[index]?.type)
}
