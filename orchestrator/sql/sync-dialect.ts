import type { ColumnType } from '../contract/index.ts'
import type { Dialect } from './statement.ts'

/** All that the sync engine's SQL says differently on each engine. Arguments and answers are SQL expressions. */
export interface SyncDialect {
  /**
   * Of the row hash: in the ledger, and part of every text that is hashed. Each engine has its own name, since they
   * write floats differently, and a version that rises whenever the canonical text changes.
   */
  readonly hashAlgorithm: string
  readonly hashType: string
  hash(text: string): string
  readonly types: Readonly<Record<ColumnType, string>>
  /** Rounds to decimal digits; minus zero becomes zero. */
  round(value: string, decimals: number): string
  /** Canonical texts of values that are not null. */
  readonly texts: Readonly<Record<ColumnType, (value: string) => string>>
  /** Length of a text in bytes. */
  bytes(text: string): string
  /** An ordering of texts by code point, whatever the locale. */
  codePointOrder(text: string): string
  /** Postgres keeps a key's uniqueness by index; DuckDB's index costs more than the merge. */
  readonly keyConstraint: string
  /** Opens a transaction whose statements all see one state of the source. */
  readonly snapshot: readonly string[]
}

const lengthPrefixed = (tag: string, text: string): string => `'${tag}' || length(${text}) || ':' || ${text}`

const duckdb: SyncDialect = {
  hashAlgorithm: 'md5-duckdb-1',
  hashType: 'uhugeint',
  hash: (text) => `md5_number(${text})`,
  types: {
    text: 'varchar',
    integer: 'bigint',
    number: 'double',
    boolean: 'boolean',
    timestamp: 'timestamptz',
    date: 'date',
    json: 'json',
  },
  round: (value, decimals) => `(round(cast(${value} as double), ${decimals}) + 0.0)`,
  texts: {
    text: (value) => lengthPrefixed('t', value),
    integer: (value) => `'i' || cast(${value} as varchar)`,
    number: (value) => `'f' || cast(cast(${value} as double) as varchar)`,
    boolean: (value) => `case when ${value} then 'b1' else 'b0' end`,
    timestamp: (value) => `'z' || cast(epoch_us(${value}) as varchar)`,
    date: (value) => `'d' || cast(cast(${value} as date) as varchar)`,
    json: (value) => lengthPrefixed('j', `cast(${value} as varchar)`),
  },
  bytes: (text) => `strlen(${text})`,
  codePointOrder: (text) => text,
  keyConstraint: '',
  snapshot: [],
}

const postgres: SyncDialect = {
  hashAlgorithm: 'md5-postgres-1',
  hashType: 'uuid',
  hash: (text) => `cast(md5(${text}) as uuid)`,
  types: {
    text: 'text',
    integer: 'bigint',
    number: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamptz',
    date: 'date',
    json: 'jsonb',
  },
  // A cast to numeric keeps 15 digits: where the digits to round to lie beyond them, there is nothing to round.
  round: (value, decimals) =>
    `(case when abs(${value}) < 1e${Math.max(0, 15 - decimals)} then cast(round(cast(${value} as numeric), ${decimals}) as double precision)` +
    ` else cast(${value} as double precision) end + 0.0)`,
  texts: {
    text: (value) => lengthPrefixed('t', value),
    integer: (value) => `'i' || cast(${value} as text)`,
    number: (value) => `'f' || cast(cast(${value} as double precision) as text)`,
    boolean: (value) => `case when ${value} then 'b1' else 'b0' end`,
    timestamp: (value) => `'z' || cast(cast(extract(epoch from ${value}) * 1000000 as bigint) as text)`,
    date: (value) => `'d' || to_char(${value}, 'YYYY-MM-DD')`,
    json: (value) => lengthPrefixed('j', `cast(cast(${value} as jsonb) as text)`),
  },
  bytes: (text) => `octet_length(${text})`,
  codePointOrder: (text) => `${text} collate "C"`,
  keyConstraint: ' primary key',
  snapshot: ['set transaction isolation level repeatable read'],
}

export const syncDialects: Readonly<Record<Dialect, SyncDialect>> = { duckdb, postgres }
