import { sql } from 'kysely'
import type { Relation } from '../contract/index.ts'
import { compile, table } from './compile.ts'
import type { Statement } from './statement.ts'

/** Asks the engine's planner; read the first row of its answer with `DialectSql.estimateOf`. Reads no data. */
export function estimateQuery(relation: Relation): Statement {
  return compile(sql`explain (format json) select * from ${table(relation)}`)
}
