import { sql } from 'kysely'
import type { ColumnStatistics, Relation } from '../contract/index.ts'
import { profilerOf, type Bucket, type StatisticsColumn } from './column-profilers.ts'
import { column, commas, compile, table } from './compile.ts'
import type { DialectSql, Fragment, ResultRow } from './dialect.ts'
import type { Statement } from './statement.ts'

export type { StatisticsColumn } from './column-profilers.ts'

/** Postgres answers at most 1,664 columns in a row. */
const columnsPerStatement = 100

/**
 * The first scan: one row a statement, for as many columns as fit. `exact` counts distinct values and takes quantiles
 * exactly; otherwise both are within a few percent (DuckDB: HyperLogLog and t-digest; Postgres: samples).
 */
export function summaryQueries(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly StatisticsColumn[],
  exact: boolean,
): Statement[] {
  return chunks(columns).map((chunk) => {
    const results = chunk.flatMap((each, index) =>
      Object.entries(aggregates(dialect, each, exact)).map(
        ([name, aggregate]) => sql`${aggregate} as ${sql.id(resultName(name, index))}`,
      ),
    )
    return compile(sql`select ${commas(results)} from ${table(relation)}`)
  })
}

function aggregates(dialect: DialectSql, each: StatisticsColumn, exact: boolean): Record<string, Fragment> {
  const value = column(each.name)
  return {
    count: sql`count(${value})`,
    nulls: sql`count(*) - count(${value})`,
    distinct: dialect.distinct(value, each.type, exact),
    ...profilerOf(each).aggregates(dialect, value, exact),
  }
}

/** The first scan's answers, a row for each of its statements, sorted by column. */
export function readSummaries(columns: readonly StatisticsColumn[], rows: readonly ResultRow[]): ResultRow[] {
  return chunks(columns).flatMap((chunk, statement) =>
    chunk.map((_, index) => {
      const ofColumn = Object.entries(rows[statement] ?? {}).filter(([name]) => name.endsWith(resultName('', index)))
      return Object.fromEntries(ofColumn.map(([name, value]) => [name.slice(0, name.lastIndexOf('_')), value]))
    }),
  )
}

/** The second scan, for histograms and declared categories; null if no column has any. */
export function bucketQuery(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly StatisticsColumn[],
  summaries: readonly ResultRow[],
): Statement | null {
  const entries = columns.flatMap((each, index) => {
    const bucket = profilerOf(each).bucket(dialect, column(each.name), each, summaries[index] ?? {})
    return bucket === null ? [] : [{ index, bucket }]
  })
  return entries.length === 0 ? null : compile(dialect.countEach(table(relation), entries))
}

/** Puts both scans together. `buckets` is empty where `bucketQuery` was null. */
export function readStatistics(
  columns: readonly StatisticsColumn[],
  summaries: readonly ResultRow[],
  buckets: readonly ResultRow[],
): ColumnStatistics[] {
  const byColumn = new Map<number, Bucket[]>(columns.map((_, index) => [index, []]))
  for (const { entry, bucket, n } of buckets) {
    byColumn.get(Number(entry))?.push({ value: String(bucket), count: Number(n) })
  }
  return columns.map((each, index) => {
    const summary = summaries[index] ?? {}
    return {
      column: each.name,
      count: Number(summary['count']),
      nulls: Number(summary['nulls']),
      distinct: Number(summary['distinct']),
      ...profilerOf(each).read(each, summary, byColumn.get(index) ?? []),
    }
  })
}

function resultName(name: string, index: number): string {
  return `${name}_${index}`
}

function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / columnsPerStatement)
  return Array.from({ length: count }, (_, n) => items.slice(n * columnsPerStatement, (n + 1) * columnsPerStatement))
}
