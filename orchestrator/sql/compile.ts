import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type { Relation } from '../contract/index.ts'
import type { Fragment } from './dialect.ts'
import type { Parameter, Statement } from './statement.ts'

/** Postgres' way to write SQL is understood by DuckDB too. Nothing is ever executed through it. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

export function compile(fragment: Fragment): Statement {
  const { sql: text, parameters } = fragment.compile(compiler)
  return { text, parameters: parameters as readonly Parameter[] }
}

/** `"schema"."name"`; without a schema a name of the statement's own. */
export function table({ schema, name }: Relation): Fragment {
  return schema === '' ? sql.id(name) : sql.id(schema, name)
}

/** `"name"`, or `alias."name"`. */
export function column(name: string, alias?: string): Fragment {
  return alias === undefined ? sql.id(name) : sql`${sql.raw(alias)}.${sql.id(name)}`
}

export function commas(fragments: readonly Fragment[]): Fragment {
  return sql.join([...fragments], sql`, `)
}
