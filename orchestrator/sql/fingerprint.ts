import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { ColumnType, Relation } from '../contract/index.ts'
import { column, compile, table } from './compile.ts'
import type { DialectSql, Fragment, ResultRow } from './dialect.ts'
import { withReads, type NamedRead } from './partitions.ts'
import type { Statement } from './statement.ts'

export interface FingerprintColumn {
  readonly name: string
  readonly type: ColumnType
  /** Decimal digits that matter; without it nine significant digits do. */
  readonly precision?: number | null
}

/**
 * How a table's content is told from another's:
 *
 * - `sum`: the sum of all rows' hashes, and their number. The order of rows does not matter, duplicates count,
 *   numbers are rounded first, since parallel sums of the same floats differ in their last digits.
 * - `sketch`, for tables too large to read whole: number of rows, least and greatest of each date, timestamp and
 *   integer, and the sum over one row in 64, picked by the hash of the columns that tell rows apart best. A change that
 *   leaves all of these alone goes unseen.
 *
 * In both, the columns' names and types are part of the content, their order is not.
 */
export type FingerprintMethod = 'sum' | 'sketch'

/** Answers one row, for `readFingerprint`. */
export function fingerprintQuery(
  dialect: DialectSql,
  relation: Relation,
  columns: readonly FingerprintColumn[],
  method: FingerprintMethod,
  reads: readonly NamedRead[] = [],
): Statement {
  const { hash, engine } = fingerprintParts(dialect, columns)
  const text = sql.raw(dialect.types.text)
  const { hashed, bounds } = methods[method](dialect, columns, hash)
  return compile(
    withReads(
      reads,
      sql`select ${engine} as engine, count(*) as rows,
    count(${hashed}) as sampled,
    cast(coalesce(sum(${hashed}), 0) as ${text}) as sum, ${bounds} as bounds from ${table(relation)}`,
    ),
  )
}

/** What a fingerprint of any set of rows is made of. */
export function fingerprintParts(
  dialect: DialectSql,
  columns: readonly FingerprintColumn[],
): { readonly hash: Fragment; readonly engine: Fragment } {
  return { hash: dialect.rowHash(byName(columns).map((each) => canonical(dialect, each))), engine: dialect.engine() }
}

const methods: Readonly<
  Record<
    FingerprintMethod,
    (
      dialect: DialectSql,
      columns: readonly FingerprintColumn[],
      hash: Fragment,
    ) => { hashed: Fragment; bounds: Fragment }
  >
> = {
  sum: (_dialect, _columns, hash) => ({ hashed: hash, bounds: sql`null` }),
  sketch: (dialect, columns, hash) => ({
    hashed: sampled(dialect, columns, hash),
    bounds: boundsOf(dialect, byName(columns)),
  }),
}

/** `representative` is false for a sketch in which far fewer rows were looked at than should have been. */
export function readFingerprint(
  row: ResultRow,
  columns: readonly FingerprintColumn[],
  method: FingerprintMethod,
): { readonly rows: number; readonly dataVersion: string; readonly representative: boolean } {
  const content = {
    columns: byName(columns).map(({ name, type, precision }) => [name, type, precision ?? null]),
    rows: Number(row['rows']),
    sum: row['sum'],
    bounds: row['bounds'] ?? null,
  }
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32)
  return {
    rows: content.rows,
    dataVersion: `${String(row['engine'])}-${method}-${versions[method]}:${digest}`,
    representative: method === 'sum' || Number(row['sampled']) * sampleShare * 4 >= content.rows,
  }
}

function byName(columns: readonly FingerprintColumn[]): FingerprintColumn[] {
  return [...columns].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function canonical(dialect: DialectSql, { name, type, precision }: FingerprintColumn): Fragment {
  const value = dialect.hashable(column(name), type)
  if (type !== 'number') return value
  return sql`case when ${dialect.isFinite(value)} then ${rounded(dialect, value, precision ?? null)}
    else cast(${value} as ${sql.raw(dialect.types.text)}) end`
}

function rounded(dialect: DialectSql, value: Fragment, precision: number | null): Fragment {
  // Adding zero makes -0 and 0 one.
  if (precision === null) return dialect.nineDigits(sql`(${value} + 0)`)
  const scaled = sql`floor(${value} * ${sql.raw(`1e${precision}`)} + 0.5)`
  const whole = sql`case when abs(${value}) < 1e15 then ${scaled} else ${value} end`
  return sql`cast(${whole} as ${sql.raw(dialect.types.text)})`
}

const sampleShare = 64

const versions: Readonly<Record<FingerprintMethod, string>> = { sum: 'v1', sketch: 'v2' }

/** Columns that pick the sample: few, since they are hashed for every row. */
const mostPicking = 3

function sampled(dialect: DialectSql, columns: readonly FingerprintColumn[], hash: Fragment): Fragment {
  if (columns.length === 0) return hash
  const picking = pickingColumns(columns).map(({ name, type }) => dialect.hashable(column(name), type))
  return sql`case when ${dialect.rowHash(picking)} % ${sql.raw(String(sampleShare))} = 0 then ${hash} end`
}

/** Those that most likely tell rows apart: by a name that says so, then times, then what has many values. */
function pickingColumns(columns: readonly FingerprintColumn[]): FingerprintColumn[] {
  const rank = ({ name, type }: FingerprintColumn): number => {
    if (/(^|_)(id|uuid|guid|key)$/i.test(name) && type !== 'boolean') return 0
    return { timestamp: 1, integer: 2, number: 2, text: 3, json: 3, date: 4, boolean: 5 }[type] ?? 3
  }
  return byName(columns)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, mostPicking)
}

const bounded: readonly ColumnType[] = ['date', 'timestamp', 'integer']

function boundsOf(dialect: DialectSql, columns: readonly FingerprintColumn[]): Fragment {
  const text = sql.raw(dialect.types.text)
  const ends = columns
    .filter(({ type }) => bounded.includes(type))
    .flatMap(({ name }) => ['min', 'max'].map((end) => sql`cast(${sql.raw(end)}(${column(name)}) as ${text})`))
  return ends.length === 0
    ? sql`''`
    : sql`concat_ws('|', ${sql.join(
        ends.map((end) => sql`coalesce(${end}, '')`),
        sql`, `,
      )})`
}
