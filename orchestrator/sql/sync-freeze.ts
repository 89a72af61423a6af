import { type DesiredSet, desiredRows, rowHash, withheldRows } from './sync-desired.ts'
import { type SyncDialect, syncDialects } from './sync-dialect.ts'
import { quoteColumn, quoteTable } from './sync-quote.ts'
import type { SyncTables } from './sync-names.ts'
import type { Dialect, Statement } from './statement.ts'

/** What a row of a sync asks of the destination. */
export type SyncOperation = 'upsert' | 'insert' | 'append' | 'delete'

/** What a mode does with each kind of difference between the desired set and the ledger. */
export interface DifferenceRules {
  /** The key is not in the ledger. */
  readonly added: Exclude<SyncOperation, 'delete'>
  /** The key is in the ledger with another hash, or with an unknown outcome. */
  readonly changed: Exclude<SyncOperation, 'delete'> | null
  /** The key is in the ledger, delivered by this sync, and no longer desired. */
  readonly removed: 'delete' | null
  /** False: every desired row is `added`, whatever the ledger says. */
  readonly compares: boolean
}

/** Where batches end: whichever comes first. */
export interface BatchLimits {
  readonly rows: number
  readonly bytes: number
}

export interface FreezeInput {
  readonly tables: SyncTables
  readonly dialect: Dialect
  readonly desired: DesiredSet
  readonly mode: string
  readonly rules: DifferenceRules
  readonly limits: BatchLimits
  /** Hash of all that decides what is sent for a row, beside the row. */
  readonly mapping: string
  readonly syncRun: string
  /** The data versions that are read, as JSON: kept with what was frozen. */
  readonly upstream: string
  /** The sync run that was frozen when this one began: if another is there by now, the transaction fails. */
  readonly replaces: string | null
  /** Where the rows go: what tells it from another place, and its name for people. */
  readonly target: { readonly print: string; readonly place: string }
  /** What was delivered was delivered elsewhere: nothing of it counts any more. */
  readonly anew?: boolean
  /** Sync runs whose rows of unknown outcome are to be sent again: they count as not delivered. */
  readonly resend?: readonly string[]
  /** For rules that compare nothing: there is nothing new to read, so that only those rows are sent. */
  readonly resendOnly?: boolean
}

/**
 * One transaction: compares the desired set with the ledger and keeps the rows to send, deletes first, then by key,
 * numbered from 1 and cut into batches (batch numbers rise and may skip some).
 */
export function freezeSync(input: FreezeInput): Statement[] {
  const { tables, desired, rules, anew = false } = input
  const dialect = syncDialects[input.dialect]
  return [
    ...dialect.snapshot.map(plain),
    takeFrozen(input),
    ...(anew ? [plain(`delete from ${quoteTable(tables.delivered)}`)] : []),
    ...(rules.compares ? forgetUnknown(input, '') : []),
    ...tableOf(
      tables.invalid,
      `key ${dialect.types.text}, reason ${dialect.types.text}, rows ${dialect.types.integer}`,
    ),
    plain(
      `insert into ${quoteTable(tables.invalid)}` +
        ` select _key, case when _key is null then 'null_key' else 'duplicate_key' end, count(*)` +
        ` from (${desiredRows(desired, dialect)}) s group by _key having _key is null or count(*) > 1`,
    ),
    ...tableOf(tables.frozen, frozenColumns(desired, dialect)),
    insertFrozen(input, dialect),
    // What is sent again moves when it is acknowledged; what the source no longer has is forgotten now.
    ...(rules.compares ? [] : forgetUnknown(input, ` and key not in (select _key from ${quoteTable(tables.frozen)})`)),
    countSides(input, dialect),
  ]
}

/** Fails the transaction, by a cast that cannot succeed, if another attempt has frozen something meanwhile. */
function takeFrozen(input: FreezeInput): Statement {
  const { tables, replaces, syncRun, mapping, upstream, dialect, mode, target } = input
  const { types } = syncDialects[dialect]
  return {
    text:
      `update ${quoteTable(tables.ledger)} set` +
      ` fence = cast(case when frozen_run is not distinct from cast($1 as ${types.text}) then '0' else 'fenced' end as ${types.integer}),` +
      ` merge_epoch = null, frozen_run = cast($2 as ${types.text}), frozen_mapping = cast($3 as ${types.text}),` +
      ` frozen_upstream = cast($4 as ${types.text}), frozen_mode = cast($5 as ${types.text}),` +
      ` target = cast($6 as ${types.text}), place = cast($7 as ${types.text})`,
    parameters: [replaces, syncRun, mapping, upstream, mode, target.print, target.place],
  }
}

function forgetUnknown({ tables, resend = [] }: FreezeInput, unless: string): Statement[] {
  if (resend.length === 0) return []
  const text = `delete from ${quoteTable(tables.delivered)} where ${parkedBy(resend, 1)}${unless}`
  return [{ text, parameters: [...resend] }]
}

/** The ledger's rows that these sync runs sent without an answer, and that are not sent again by themselves. */
export function parkedBy(syncRuns: readonly string[], firstParameter: number): string {
  const names = syncRuns.map((_, index) => `$${firstParameter + index}`)
  return `operation = 'unknown' and hash is not null and sync_run in (${names.join(', ')})`
}

function frozenColumns(desired: DesiredSet, dialect: SyncDialect): string {
  const { integer, text } = dialect.types
  return [
    `_ordinal ${integer}, _batch ${integer}, _operation ${text}, _key ${text}, _hash ${dialect.hashType}, _was ${text}`,
    ...desired.columns.map((column) => `${quoteColumn(column.name)} ${dialect.types[column.type]}`),
  ].join(', ')
}

function insertFrozen(input: FreezeInput, dialect: SyncDialect): Statement {
  const { tables, desired, limits } = input
  const columns = desired.columns.map((column) => quoteColumn(column.name))
  const texts = desired.columns.filter((column) => column.type === 'text' || column.type === 'json')
  const size = [
    dialect.bytes('_key'),
    ...texts.map(({ name }) => `coalesce(${dialect.bytes(`cast(${quoteColumn(name)} as ${dialect.types.text})`)}, 0)`),
    String(24 * (1 + columns.length)),
  ].join(' + ')
  const cut = (count: string, limit: number): string => `cast(floor((${count}) / ${limit}) as ${dialect.types.integer})`
  const numbered = ['_ordinal', `1 + ${cut('_ordinal - 1', limits.rows)} + ${cut('_bytes', limits.bytes)}`]
  return {
    text: [
      `insert into ${quoteTable(tables.frozen)}`,
      `select ${[...numbered, '_operation', '_key', '_hash', '_was', ...columns].join(', ')} from (`,
      `select *, row_number() over w as _ordinal, cast(sum(${size}) over w as ${dialect.types.integer}) as _bytes from (`,
      difference(input, dialect),
      `) changes window w as (order by case when _operation = 'delete' then 0 else 1 end,`,
      ` ${dialect.codePointOrder('_key')} rows unbounded preceding)`,
      `) numbered order by _ordinal`,
    ].join('\n'),
    parameters: [input.mapping, ...(input.resendOnly === true ? (input.resend ?? []) : [])],
  }
}

/** Where the comparison reads: the tables, unless something else stands for them. */
export interface ComparedWith {
  readonly delivered: string
  readonly invalid: string
}

/** The rows that differ: `_operation`, `_key`, `_hash`, `_was` (the ledger's operation, null if new), columns. */
export function difference(
  input: Pick<FreezeInput, 'tables' | 'desired' | 'rules' | 'resend' | 'resendOnly'>,
  dialect: SyncDialect,
  compared: ComparedWith = {
    delivered: quoteTable(input.tables.delivered),
    invalid: quoteTable(input.tables.invalid),
  },
): string {
  const { tables, desired, rules, resend = [], resendOnly = false } = input
  const columns = desired.columns.map((column) => `s.${quoteColumn(column.name)}`)
  const source = `(select r.*, ${rowHash(desired.columns, `cast($1 as ${dialect.types.text})`, 'r', dialect)} as _hash from (${desiredRows(desired, dialect)}) r)`
  const valid = 's._key is not null and i.key is null'
  const gone = `s._key is null and d.key is not null and d.operation <> 'skipped'`
  const again = `s._key in (select key from ${quoteTable(tables.delivered)} where ${parkedBy(resend, 2)})`
  const wanted = !rules.compares
    ? !resendOnly
      ? valid
      : resend.length === 0
        ? 'false'
        : `${valid} and ${again}`
    : rules.changed === null
      ? `${valid} and d.key is null`
      : `${valid} and (d.key is null or d.hash is distinct from s._hash)`
  const operation =
    rules.changed === null || rules.changed === rules.added
      ? `'${rules.added}'`
      : `case when d.key is null then '${rules.added}' else '${rules.changed}' end`
  const select = [
    rules.removed === null
      ? `${operation} as _operation`
      : `case when s._key is null then 'delete' else ${operation} end as _operation`,
    rules.removed === null ? 's._key as _key' : 'coalesce(s._key, d.key) as _key',
    's._hash as _hash',
    rules.compares ? 'd.operation as _was' : `cast(null as ${dialect.types.text}) as _was`,
    ...columns,
  ]
  const join = !rules.compares ? [] : [rules.removed === null ? 'left join' : 'full outer join']
  return [
    `select ${select.join(', ')} from ${source} s`,
    ...join.map((kind) => `${kind} ${compared.delivered} d on d.key = s._key`),
    `left join ${compared.invalid} i on i.key = s._key`,
    `where (${wanted})${rules.removed === null ? '' : ` or (${gone})`}`,
  ].join('\n')
}

function countSides({ tables, desired }: FreezeInput, dialect: SyncDialect): Statement {
  const invalid = (reason: string): string =>
    `(select cast(coalesce(sum(rows), 0) as ${dialect.types.integer}) from ${quoteTable(tables.invalid)} where reason = '${reason}')`
  return plain(
    `update ${quoteTable(tables.ledger)} set` +
      ` desired = (select count(*) from (${desiredRows(desired, dialect)}) s),` +
      ` withheld = ${withheldRows(desired, dialect)},` +
      ` null_keys = ${invalid('null_key')}, duplicate_rows = ${invalid('duplicate_key')},` +
      ` removable = (select count(*) from ${quoteTable(tables.delivered)} where operation <> 'skipped')`,
  )
}

/** The frozen rows in order, as they are spooled: without hashes. */
export function frozenRows(tables: SyncTables, desired: DesiredSet): Statement {
  const columns = ['_ordinal', '_batch', '_operation', '_key', ...desired.columns.map(({ name }) => name)]
  return plain(`select ${columns.map(quoteColumn).join(', ')} from ${quoteTable(tables.frozen)} order by _ordinal`)
}

function tableOf(relation: Parameters<typeof quoteTable>[0], columns: string): Statement[] {
  const name = quoteTable(relation)
  return [plain(`drop table if exists ${name}`), plain(`create table ${name} (${columns})`)]
}

function plain(text: string): Statement {
  return { text, parameters: [] }
}
