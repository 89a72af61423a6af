import { sql } from 'kysely'
import { commas } from './compile.ts'
import type { DialectSql, Fragment } from './dialect.ts'
import type { ColumnType } from '../contract/index.ts'

const types = {
  text: 'text',
  integer: 'bigint',
  number: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  json: 'jsonb',
} as const

/** `numeric` holds integers of any width. */
const hashedTypes = { ...types, integer: 'numeric' } as const

function hashable(value: Fragment, type: ColumnType): Fragment {
  return type === 'json' ? sql`to_jsonb(${value})` : sql`cast(${value} as ${sql.raw(hashedTypes[type])})`
}

/** One row in ten: nulls take no part in an aggregate. */
function sampled(value: Fragment): Fragment {
  return sql`case when random() < 0.1 then ${value} end`
}

function distinctCount(value: Fragment): Fragment {
  return sql`count(distinct ${value})`
}

/**
 * Postgres has no sketch. Where a tenth of the rows shows few values it has shown nearly all of them; where it shows
 * many, those are counted whose hash falls into one sixteenth, which is near by a few percent.
 */
function nearDistinct(value: Fragment, type: ColumnType): Fragment {
  const seen = distinctCount(sampled(comparable(value, type)))
  const hash = sql`hash_record_extended(row(${comparable(value, type)}), 0)`
  const share = sql`case when ${value} is not null and ${hash} & 15 = 0 then ${hash} end`
  return sql`case when ${seen} < 5000 then ${seen} else 16 * ${distinctCount(share)} end`
}

/** Compares by bytes: sorting by a language's rules takes ten times as long. */
function comparable(value: Fragment, type: ColumnType): Fragment {
  if (type === 'json') return sql`to_jsonb(${value})`
  return type === 'text' ? sql`cast(${value} as text) collate "C"` : value
}

export const postgresSql: DialectSql = {
  dialect: 'postgres',
  types,
  foldsCase: false,
  replacesContent: true,
  rowAsJson: (alias) => sql`to_jsonb(${sql.id(alias)})`,
  indexesPartitions: true,
  isFinite: (value) => sql`(${value} not in ('NaN', 'Infinity', '-Infinity'))`,
  byCodePoint: (text) => sql`${text} collate "C"`,
  elementsOf: (jsonArray) => sql`(select value from json_array_elements_text(cast(${jsonArray} as json)) as e(value))`,
  hashable,
  nineDigits: (value) => sql`to_char(${value}, '9.99999999EEEE')`,
  // A record's hash is a linear sum over its columns, in which values could change places between rows unseen.
  rowHash: (values) => sql`hashint8extended(hash_record_extended(row(${commas(values)}), 0), 1)`,
  engine: () => sql`'postgres' || current_setting('server_version_num')::int / 10000`,
  distinct: (value, type, exact) => (exact ? distinctCount(comparable(value, type)) : nearDistinct(value, type)),
  quantiles: (value, points, exact) =>
    sql`percentile_cont(array[${sql.raw(points.join(', '))}]) within group (order by ${exact ? value : sampled(value)})`,
  // Two unnests side by side, for a lateral `values` is set up anew for each row.
  countEach: (from, entries) => sql`select entry, bucket, count(*) as n
    from (select unnest(array[${commas(entries.map(({ index }) => sql.raw(String(index))))}]) as entry,
      unnest(array[${commas(entries.map(({ bucket }) => bucket))}]) as bucket from ${from}) as entries
    where bucket is not null group by 1, 2`,
  estimateOf: (explained) => {
    const [query] = explained['QUERY PLAN'] as { Plan?: { 'Plan Rows'?: number } }[]
    return query?.Plan?.['Plan Rows'] ?? null
  },
}
