import type { ColumnType } from '../contract/index.ts'
import type { Dialect } from './statement.ts'

/** A value of a row that is hashed. */
export interface HashedValue {
  readonly value: string
  readonly type: ColumnType
  readonly decimals: number | null
}

/** All that the sync engine's SQL says differently on each engine. Arguments and answers are SQL expressions. */
export interface SyncDialect {
  /**
   * Names the row hash, as an SQL expression: it is kept in the ledger. Each engine has its own, and it is another one
   * whenever the same row is hashed to something else.
   */
  readonly hashAlgorithm: string
  readonly hashType: string
  /** The hash of a row, whose first value is a text of what decides how the others are sent. */
  rowHash(version: string, values: readonly HashedValue[]): string
  readonly types: Readonly<Record<ColumnType, string>>
  /** Canonical texts of values; null of null. A number's is to so many decimal digits, or all if that is null. */
  readonly texts: Readonly<Record<ColumnType, (value: string, decimals: number | null) => string>>
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

const booleanText = (value: string): string => `case when ${value} then 'b1' when not ${value} then 'b0' end`

/** Digits that a double surely has. */
const surelyDigits = 15

/**
 * A double by its shortest round trip, or, where only some decimal digits matter, as a whole number of the last of
 * them: that drops noise and the sign of zero, and is written several times faster. Beyond a double's digits there is
 * nothing to round.
 */
function numberText(
  double: string,
  types: { readonly text: string; readonly integer: string },
  decimals: number | null,
) {
  const shortest = `'f' || cast(${double} as ${types.text})`
  if (decimals === null || decimals >= surelyDigits) return shortest
  const whole = `cast(cast(round(${double} * 1e${decimals}) as ${types.integer}) as ${types.text})`
  return `case when abs(${double}) < 1e${surelyDigits - decimals} then 'r' || ${whole} else ${shortest} end`
}

/**
 * A row as one text, in which every value has its type's tag and texts their length, so that 1, '1', true and null
 * differ and no value can imitate a border.
 */
function tagged(version: string, values: readonly HashedValue[], texts: SyncDialect['texts']): string {
  const each = values.map(({ value, type, decimals }) => `coalesce(${texts[type](value, decimals)}, 'n')`)
  return [version, ...each].join(` || ';' || `)
}

/** The value as DuckDB hashes it: a number by the digits that matter, as whole as `numberText` has it. */
function duckdbHashed({ value, type, decimals }: HashedValue): string {
  if (type !== 'number' || decimals === null || decimals >= surelyDigits) return value
  const fits = `abs(${value}) < 1e${surelyDigits - decimals}`
  return `case when ${fits} then cast(round(${value} * 1e${decimals}) as bigint) end, case when not ${fits} then ${value} end`
}

/** One value of each type: if the engine hashes it to something else, its hash is another one. */
const duckdbProbe = `hash('traitline', 1::bigint, 1.5::double, true, date '2026-01-01', timestamptz '2026-01-01 00:00:00+00', null)`

const duckdb: SyncDialect = {
  // The engine's own hash costs a twentieth of an MD5 of texts, and may change between versions.
  hashAlgorithm: `'duckdb-hash-' || cast(${duckdbProbe} as varchar)`,
  hashType: 'uhugeint',
  rowHash: (version, values) => `hash(${[version, ...values.map(duckdbHashed)].join(', ')})`,
  types: {
    text: 'varchar',
    integer: 'bigint',
    number: 'double',
    boolean: 'boolean',
    timestamp: 'timestamptz',
    date: 'date',
    json: 'json',
  },
  texts: {
    text: (value) => lengthPrefixed('t', value),
    integer: (value) => `'i' || cast(${value} as varchar)`,
    number: (value, decimals) =>
      numberText(`cast(${value} as double)`, { text: 'varchar', integer: 'bigint' }, decimals),
    boolean: booleanText,
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
  hashAlgorithm: `'md5-postgres-1'`,
  hashType: 'uuid',
  rowHash: (version, values) =>
    `cast(md5(${tagged(`'md5-postgres-1;' || ${version}`, values, postgres.texts)}) as uuid)`,
  types: {
    text: 'text',
    integer: 'bigint',
    number: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamptz',
    date: 'date',
    json: 'jsonb',
  },
  texts: {
    text: (value) => lengthPrefixed('t', value),
    integer: (value) => `'i' || cast(${value} as text)`,
    number: (value, decimals) =>
      numberText(`cast(${value} as double precision)`, { text: 'text', integer: 'bigint' }, decimals),
    boolean: booleanText,
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
