import { sql } from 'kysely'
import type { ColumnType, Relation } from '../contract/index.ts'
import { column, table } from './compile.ts'
import type { DialectSql, Fragment } from './dialect.ts'
import { cast } from './values.ts'

/** The key of an entity: a column of every table of it. */
export interface KeyColumn {
  readonly column: string
  readonly type: Extract<ColumnType, 'text' | 'integer'>
}

/** Everyone who counts: a table that lists them, or whoever is in one of several tables. */
export type Population =
  | { readonly type: 'table'; readonly relation: Relation }
  | { readonly type: 'union'; readonly relations: readonly Relation[] }

/** A query for the distinct keys, not null, as a column named like the key. */
export function populationKeys(dialect: DialectSql, key: KeyColumn, population: Population): Fragment {
  if (population.type === 'table') return sql`select distinct ${keyOf(dialect, key, population.relation)}`
  const each = population.relations.map((relation) => sql`select ${keyOf(dialect, key, relation)}`)
  return each.length === 1 ? sql`select distinct * from (${each[0]}) keys` : sql.join(each, sql` union `)
}

function keyOf(dialect: DialectSql, key: KeyColumn, relation: Relation): Fragment {
  const name = column(key.column)
  return sql`${cast(dialect, name, key.type)} as ${name} from ${table(relation)} where ${name} is not null`
}
