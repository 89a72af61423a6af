import { sql } from 'kysely'
import type { ColumnType } from '../contract/index.ts'
import { commas } from './compile.ts'
import type { DialectSql, Entry, Fragment } from './dialect.ts'

const types = {
  text: 'varchar',
  integer: 'bigint',
  number: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  json: 'json',
} as const

/** Integers of any width hash as one type. */
const hashedTypes = { ...types, integer: 'hugeint', json: 'varchar' } as const

function hashable(value: Fragment, type: ColumnType): Fragment {
  return sql`cast(${value} as ${sql.raw(hashedTypes[type])})`
}

export const duckdbSql: DialectSql = {
  dialect: 'duckdb',
  types,
  foldsCase: true,
  replacesContent: false,
  rowAsJson: (alias) => sql`to_json(${sql.id(alias)})`,
  indexesPartitions: false,
  isFinite: (value) => sql`isfinite(${value})`,
  byCodePoint: (text) => text,
  elementsOf: (jsonArray) => sql`(select unnest(from_json(${jsonArray}, '["VARCHAR"]')) as value)`,
  hashable,
  nineDigits: (value) => sql`format('{:.8e}', ${value})`,
  rowHash: (values) => sql`hash(${commas(values)})`,
  engine: () => sql`'duckdb' || regexp_extract(version(), '^v?(\\d+\\.\\d+)', 1)`,
  distinct: (value, type, exact) => {
    const told = type === 'json' ? hashable(value, type) : value
    return exact ? sql`count(distinct ${told})` : sql`approx_count_distinct(${told})`
  },
  quantiles: (value, points, exact) =>
    sql`${sql.raw(exact ? 'quantile_cont' : 'approx_quantile')}(${value}, [${sql.raw(points.join(', '))}])`,
  countEach: (from, entries) =>
    sql.join(
      entries.map((entry) => countOne(from, entry)),
      sql` union all `,
    ),
  estimateOf: (explained) => {
    const [plan] = JSON.parse(String(explained['explain_value'])) as { extra_info?: Record<string, unknown> }[]
    const estimate = Number(plan?.extra_info?.['Estimated Cardinality'])
    return Number.isFinite(estimate) ? estimate : null
  },
}

/** A scan an entry costs nothing more where each column is stored by itself. */
function countOne(from: Fragment, { index, bucket }: Entry): Fragment {
  return sql`select * from (select ${sql.raw(String(index))} as entry, ${bucket} as bucket, count(*) as n
    from ${from} group by 2) counted where bucket is not null`
}
