import { sql } from 'kysely'
import type { Relation } from '../../contract/index.ts'
import { compile, table } from '../compile.ts'
import type { DialectSql, Fragment } from '../dialect.ts'
import { withReads, type NamedRead } from '../partitions.ts'
import type { Statement } from '../statement.ts'

/** Whose rows they are: of one check of one asset, or of one of its partitions. */
export interface SampleOwner {
  readonly project: string
  readonly asset: string
  readonly check: string
  /** Empty for an asset as a whole. */
  readonly partition: string
}

/** One small table a project. A row is JSON, since what fails has other columns in each check. */
export function createSamples(dialect: DialectSql, relation: Relation): Statement {
  const { text, timestamp, json } = dialect.types
  return compile(
    sql`create table if not exists ${table(relation)} (project ${sql.raw(text)}, asset ${sql.raw(text)},
      check_name ${sql.raw(text)}, partition_key ${sql.raw(text)}, failed_at ${sql.raw(timestamp)}, failing_row ${sql.raw(json)})`,
  )
}

/** Rows that failed, in the place of those of the evaluation before. */
export function keepSamples(
  dialect: DialectSql,
  relation: Relation,
  owner: SampleOwner,
  failing: { readonly rows: Fragment; readonly reads: readonly NamedRead[] },
  { at, most }: { readonly at: string; readonly most: number },
): Statement[] {
  const { project, asset, check, partition } = owner
  const text = (value: string): Fragment => sql`cast(${value} as ${sql.raw(dialect.types.text)})`
  const bounded = withReads(
    failing.reads,
    sql`select * from (${failing.rows}) as selected limit ${sql.raw(String(most))}`,
  )
  return [
    forgetSamples(relation, owner),
    compile(
      sql`insert into ${table(relation)} (project, asset, check_name, partition_key, failed_at, failing_row)
        select ${text(project)}, ${text(asset)}, ${text(check)}, ${text(partition)},
          cast(${at} as ${sql.raw(dialect.types.timestamp)}), ${dialect.rowAsJson('failing')}
        from (${bounded}) as failing`,
    ),
  ]
}

/** What is not wrong any more. */
export function forgetSamples(relation: Relation, { project, asset, check, partition }: SampleOwner): Statement {
  return compile(
    sql`delete from ${table(relation)} where project = ${project} and asset = ${asset} and check_name = ${check}
      and partition_key = ${partition}`,
  )
}

/** What is older than it is kept. */
export function expireSamples(dialect: DialectSql, relation: Relation, project: string, before: string): Statement {
  return compile(
    sql`delete from ${table(relation)} where project = ${project}
      and failed_at < cast(${before} as ${sql.raw(dialect.types.timestamp)})`,
  )
}
