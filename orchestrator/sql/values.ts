import { sql } from 'kysely'
import type { ColumnType, Literal } from '../contract/index.ts'
import { commas } from './compile.ts'
import type { DialectSql, Fragment } from './dialect.ts'

/** `value` as one of Traitline's column types. */
export function cast(dialect: DialectSql, value: Fragment, type: ColumnType): Fragment {
  return sql`cast(${value} as ${sql.raw(dialect.types[type])})`
}

/** A literal as a typed parameter. */
export function literal(dialect: DialectSql, value: Literal, type: ColumnType): Fragment {
  return cast(dialect, sql`${value}`, type)
}

/** Beyond this, a list travels as one parameter: planning 50,000 parameters takes minutes. */
const longList = 100

/** `value in (...)`, whatever the list's length. Null for a null value, as SQL has it. */
export function inList(dialect: DialectSql, value: Fragment, type: ColumnType, list: readonly Literal[]): Fragment {
  if (list.length === 0) return sql`(${value} is null and null)`
  if (list.length <= longList) return sql`${value} in (${commas(list.map((item) => literal(dialect, item, type)))})`
  const elements = dialect.elementsOf(JSON.stringify(list))
  return sql`${value} in (select ${cast(dialect, sql`value`, type)} from ${elements} as listed)`
}
