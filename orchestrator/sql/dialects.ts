import type { DialectSql } from './dialect.ts'
import { duckdbSql } from './dialect-duckdb.ts'
import { postgresSql } from './dialect-postgres.ts'
import type { Dialect } from './statement.ts'

const dialects: Readonly<Record<Dialect, DialectSql>> = { duckdb: duckdbSql, postgres: postgresSql }

export function dialectSql(dialect: Dialect): DialectSql {
  return dialects[dialect]
}
