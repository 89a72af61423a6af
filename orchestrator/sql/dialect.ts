import type { RawBuilder } from 'kysely'
import type { ColumnType } from '../contract/index.ts'
import type { Dialect } from './statement.ts'

/** An unfinished piece of SQL with its parameters. */
export type Fragment = RawBuilder<unknown>

/** A row as a warehouse answers it. */
export type ResultRow = Readonly<Record<string, unknown>>

export interface Entry {
  /** Told apart by it in the answer. */
  readonly index: number
  readonly bucket: Fragment
}

/** All that DuckDB and Postgres say differently. Everything else is written once. */
export interface DialectSql {
  readonly dialect: Dialect
  readonly types: Readonly<Record<ColumnType, string>>
  /** Whether names that differ by case alone are one, quoted ones too. */
  readonly foldsCase: boolean
  /** Whether a double is neither NaN nor infinite; null for null. */
  isFinite(value: Fragment): Fragment
  /** Text that compares by code points, whatever the database's collation. */
  byCodePoint(text: Fragment): Fragment
  /** A subquery of one column `value`: the elements, as text, of a JSON array that travels as one parameter. */
  elementsOf(jsonArray: string): Fragment
  /** A value as it enters a row's hash: one form, whatever exact type the engine gives the column. */
  hashable(value: Fragment, type: ColumnType): Fragment
  /** A finite double as text with nine significant digits. */
  nineDigits(value: Fragment): Fragment
  /** Hashes one row's values to an integer; values of different types differ where their texts agree. */
  rowHash(values: readonly Fragment[]): Fragment
  /** The engine with the part of its version that may change its hash: `duckdb1.5`. */
  engine(): Fragment
  /** `count(distinct)`; near it if `exact` is false. */
  distinct(value: Fragment, type: ColumnType, exact: boolean): Fragment
  /** The quantiles as a list, interpolated; near them if `exact` is false. */
  quantiles(value: Fragment, points: readonly number[], exact: boolean): Fragment
  /** Rows `(entry, bucket, n)`: how often each text of each entry occurs, in one scan. Null is no bucket. */
  countEach(from: Fragment, entries: readonly Entry[]): Fragment
  /** How many rows the engine expects `explain (format json)` to answer; null if it does not say. */
  estimateOf(explained: ResultRow): number | null
  /**
   * Whether replacing a table's content beats replacing the table: Postgres refuses to drop a table that a view
   * reads, as dbt's views read sources; DuckDB binds a view to the name alone.
   */
  readonly replacesContent: boolean
  /** The row of a subquery as JSON, by its alias. */
  rowAsJson(alias: string): Fragment
  /** Whether an index finds the rows of a partition faster than its own statistics of blocks do. */
  readonly indexesPartitions: boolean
}
