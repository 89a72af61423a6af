import { sql } from 'kysely'
import type { ColumnStatistics, ColumnType } from '../contract/index.ts'
import type { DialectSql, Fragment, ResultRow } from './dialect.ts'
import { cast } from './values.ts'

export interface StatisticsColumn {
  readonly name: string
  readonly type: ColumnType
  /** Whose counts may be shown. Texts that nobody declared may be personal data and are only counted. */
  readonly categories?: readonly string[] | null
}

export interface Bucket {
  readonly value: string
  readonly count: number
}

/** What is told of a column beyond its counts. */
export interface ColumnProfiler {
  /** For the first scan, by name; `summary` below holds their values. */
  aggregates(dialect: DialectSql, value: Fragment, exact: boolean): Readonly<Record<string, Fragment>>
  /** A text to be counted in the second scan; null if there is none. */
  bucket(dialect: DialectSql, value: Fragment, column: StatisticsColumn, summary: ResultRow): Fragment | null
  read(
    column: StatisticsColumn,
    summary: ResultRow,
    buckets: readonly Bucket[],
  ): Pick<ColumnStatistics, 'numeric' | 'categories'>
}

export function profilerOf({ type, categories }: StatisticsColumn): ColumnProfiler {
  if (type === 'number' || type === 'integer') return numbers
  if (type === 'boolean') return booleans
  return categories ? declaredCategories : counted
}

const quantilePoints = [0.05, 0.25, 0.5, 0.75, 0.95] as const
const histogramBuckets = 20

/** NaN, infinities and what would overflow a sum of squares stay out of the numbers. */
function usable(dialect: DialectSql, value: Fragment): Fragment {
  const double = cast(dialect, value, 'number')
  return sql`case when ${dialect.isFinite(double)} and abs(${double}) <= 1e150 then ${double} end`
}

const numbers: ColumnProfiler = {
  aggregates(dialect, value, exact) {
    const double = usable(dialect, value)
    return {
      min: sql`min(${double})`,
      mean: sql`avg(${double})`,
      max: sql`max(${double})`,
      stddev: sql`stddev_pop(${double})`,
      quantiles: dialect.quantiles(double, quantilePoints, exact),
    }
  },
  bucket(dialect, value, _column, { min, max }) {
    if (min === null || min === max) return null
    const from = sql`cast(${min} as ${sql.raw(dialect.types.number)})`
    const width = sql`(cast(${max} as ${sql.raw(dialect.types.number)}) - ${from})`
    const share = sql`(${usable(dialect, value)} - ${from}) / ${width}`
    const bucket = sql`floor(${share} * ${sql.raw(String(histogramBuckets))})`
    // Asked for first, since `least` of a missing value and another is the other.
    const inRange = sql`case when ${share} is not null
      then least(${sql.raw(String(histogramBuckets - 1))}, ${bucket}) end`
    return sql`cast(cast(${inRange} as integer) as ${sql.raw(dialect.types.text)})`
  },
  read(_column, { count, min, mean, max, stddev, quantiles }, buckets) {
    if (min === null) return { numeric: null, categories: null }
    const range = { min: Number(min), max: Number(max) }
    const points = (quantiles as number[]).map(Number) as unknown as [number, number, number, number, number]
    return {
      numeric: {
        ...range,
        mean: Number(mean),
        stddev: Number(stddev),
        quantiles: points,
        histogram: histogram(range, Number(count), buckets),
      },
      categories: null,
    }
  },
}

function histogram(
  { min, max }: { readonly min: number; readonly max: number },
  count: number,
  buckets: readonly Bucket[],
): { from: number; to: number; count: number }[] {
  if (min === max) return [{ from: min, to: max, count }]
  const counts = new Map(buckets.map((bucket) => [bucket.value, bucket.count]))
  const edge = (index: number): number =>
    index === histogramBuckets ? max : min + ((max - min) / histogramBuckets) * index
  return Array.from({ length: histogramBuckets }, (_, index) => ({
    from: edge(index),
    to: edge(index + 1),
    count: counts.get(String(index)) ?? 0,
  }))
}

const booleans: ColumnProfiler = {
  aggregates: (_dialect, value) => ({ trues: sql`count(*) filter (where ${value})` }),
  bucket: () => null,
  read: (_column, { count, trues }) => ({
    numeric: null,
    categories: byCount([
      { value: 'true', count: Number(trues) },
      { value: 'false', count: Number(count) - Number(trues) },
    ]),
  }),
}

const declaredCategories: ColumnProfiler = {
  aggregates: () => ({}),
  bucket: (dialect, value) => cast(dialect, value, 'text'),
  read(column, _summary, buckets) {
    const counts = new Map(buckets.map((bucket) => [bucket.value, bucket.count]))
    const declared = (column.categories ?? []).map((value) => ({ value, count: counts.get(value) ?? 0 }))
    return { numeric: null, categories: byCount(declared) }
  },
}

const counted: ColumnProfiler = {
  aggregates: () => ({}),
  bucket: () => null,
  read: () => ({ numeric: null, categories: null }),
}

function byCount(buckets: Bucket[]): Bucket[] {
  return buckets.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
}
