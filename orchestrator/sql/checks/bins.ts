import { sql } from 'kysely'
import type { ColumnType, JsonObject } from '../../contract/index.ts'
import { column, commas, table } from '../compile.ts'
import type { DialectSql, Fragment, ResultRow } from '../dialect.ts'
import type { Statement } from '../statement.ts'
import { cast, literal } from '../values.ts'
import { askOne, shareOf, tableOf, type CheckTarget, over } from './program.ts'

/** How a column's values are told apart. What is null, or is in no other bin, is in a bin of its own. */
export type Bins =
  /** Upper ends, included, in rising order; what is above the last one is the rest. */
  | { readonly kind: 'edges'; readonly edges: readonly number[] }
  | { readonly kind: 'values'; readonly values: readonly string[] }

/** A distribution, as it is kept with a materialisation: no rows, and of texts only those that a trait declares. */
export interface Distribution {
  readonly bins: Bins
  /** One for each edge or value, then the rest, then nulls. They add up to 1. */
  readonly shares: readonly number[]
  readonly rows: number
}

export function* distributionOf(
  target: CheckTarget,
  name: string,
  type: ColumnType,
  bins: Bins,
): Generator<Statement, Distribution, readonly ResultRow[]> {
  const value = column(name)
  const inBins = binFragments(target.dialect, value, type, bins)
  const present = binned(target.dialect, value, type)
  const counts = inBins.map((inBin, index) => sql`count(*) filter (where ${inBin}) as ${sql.id(`bin_${index}`)}`)
  const row = yield* askOne(
    over(
      target,
      sql`select ${commas([sql`count(*) as rows`, sql`count(*) filter (where ${present}) as present`, ...counts])}
      from ${table(tableOf(target))}`,
    ),
  )
  const rows = Number(row['rows'])
  const found = inBins.map((_, index) => Number(row[`bin_${index}`]))
  const rest = Number(row['present']) - found.reduce((sum, count) => sum + count, 0)
  const all = [...found, rest, rows - Number(row['present'])]
  return { bins, rows, shares: all.map((count) => shareOf(count, rows)) }
}

/** The edges of `count` bins of equal weight; fewer where values repeat. */
export function* quantileBins(
  target: CheckTarget,
  name: string,
  count: number,
): Generator<Statement, Bins, readonly ResultRow[]> {
  const { dialect } = target
  const points = Array.from({ length: count - 1 }, (_, index) => (index + 1) / count)
  const value = sql`case when ${binned(dialect, column(name), 'number')} then ${cast(dialect, column(name), 'number')} end`
  const exact = target.rows !== null && target.rows <= exactUpToRows
  const row = yield* askOne(
    over(target, sql`select ${dialect.quantiles(value, points, exact)} as edges from ${table(tableOf(target))}`),
  )
  const edges = ((row['edges'] ?? []) as (number | string | null)[]).filter((edge) => edge !== null).map(Number)
  return { kind: 'edges', edges: [...new Set(edges)].sort((a, b) => a - b) }
}

const exactUpToRows = 1_000_000

/** Whether a value can be in a bin at all. */
function binned(dialect: DialectSql, value: Fragment, type: ColumnType): Fragment {
  if (type !== 'number') return sql`${value} is not null`
  return sql`(${value} is not null and ${dialect.isFinite(cast(dialect, value, 'number'))})`
}

function binFragments(dialect: DialectSql, value: Fragment, type: ColumnType, bins: Bins): Fragment[] {
  if (bins.kind === 'values') {
    return bins.values.map((each) => sql`${cast(dialect, value, 'text')} = ${literal(dialect, each, 'text')}`)
  }
  const present = binned(dialect, value, type)
  const double = cast(dialect, value, 'number')
  return bins.edges.map((edge, index) => {
    const below = sql`${double} <= ${literal(dialect, edge, 'number')}`
    const previous = bins.edges[index - 1]
    const above = previous === undefined ? below : sql`${double} > ${literal(dialect, previous, 'number')} and ${below}`
    return sql`${present} and ${above}`
  })
}

export function distributionToJson({ bins, shares, rows }: Distribution): JsonObject {
  return { bins: { ...bins }, shares, rows }
}

/** Null for what another version, or another type of column, left. */
export function distributionFromJson(json: JsonObject | null): Distribution | null {
  const distribution = json as unknown as Partial<Distribution> | null
  const { bins, shares, rows } = distribution ?? {}
  if (bins === undefined || !Array.isArray(shares) || typeof rows !== 'number') return null
  const counted = bins.kind === 'edges' ? bins.edges.length : bins.values.length
  return shares.length === counted + 2 ? { bins, shares: shares as number[], rows } : null
}
