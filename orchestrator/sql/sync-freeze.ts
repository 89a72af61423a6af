import {
  changedRows,
  comparedColumns,
  comparedRows,
  type DifferenceRules,
  operationList,
  parkedBy,
  removals,
} from './sync-compare.ts'
import { type DesiredSet, desiredRows, withheldRows } from './sync-desired.ts'
import { type SyncDialect, syncDialects } from './sync-dialect.ts'
import { keepPart, partOf, usualPart, type RunPart } from './sync-excepted.ts'
import { quoteColumn, quoteTable } from './sync-quote.ts'
import { changeMode, requestedAfter, requestedBefore, type Requested } from './sync-requests.ts'
import type { SyncTables } from './sync-names.ts'
import type { SyncRequest } from '../contract/index.ts'
import type { Dialect, Statement } from './statement.ts'

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
  /** Which of the rows that differ are sent; all, unless told, whether or not they were rejected before. */
  readonly part?: RunPart
  /** Of rules that compare. */
  readonly request?: SyncRequest
}

/**
 * One transaction: compares the desired set with the ledger and keeps the rows to send, deletes first, then by key,
 * numbered from 1 and cut into batches (batch numbers rise and may skip some).
 */
export function freezeSync(input: FreezeInput): Statement[] {
  const { tables, desired, rules, mode, request, syncRun, anew = false, resendOnly = false, part = usualPart } = input
  const requested: Requested | null =
    request === undefined || !rules.compares ? null : { tables, desired, rules, syncRun, request, staged }
  const dialect = syncDialects[input.dialect]
  return [
    ...dialect.snapshot.map(plain),
    ...changeMode(tables, mode, rules, dialect),
    takeFrozen(input),
    ...(anew ? [plain(`delete from ${quoteTable(tables.delivered)}`)] : []),
    ...(rules.compares ? forgetUnknown(input, '') : []),
    ...(requested === null ? [] : requestedBefore(requested, dialect)),
    ...tableOf(
      tables.invalid,
      `key ${dialect.types.text}, reason ${dialect.types.text}, rows ${dialect.types.integer}`,
    ),
    ...(rules.compares ? stageCompared(input, dialect) : []),
    plain(`insert into ${quoteTable(tables.invalid)} ${invalidRows(input, dialect)}`),
    ...(requested === null ? [] : requestedAfter(requested, dialect)),
    ...tableOf(tables.frozen, frozenColumns(desired, dialect)),
    insertFrozen(input, dialect),
    ...(rules.forgets === true ? [forgetGone(tables)] : []),
    ...keepPart(
      { tables, part, whole: rules.compares || (!resendOnly && part.failed !== true && part.key === undefined) },
      dialect,
    ),
    // What is sent again moves when it is acknowledged; what the source no longer has is forgotten now.
    ...(rules.compares ? [] : forgetUnknown(input, ` and key not in (select _key from ${quoteTable(tables.frozen)})`)),
    countSides(input, dialect),
    ...(rules.compares ? [staged, sides].map((name) => plain(`drop table ${name}`)) : []),
  ]
}

/** Of the transaction alone: what differs, and how many rows there are on either side. */
const staged = 'sync_staged'
const sides = 'sync_sides'

/**
 * Compares once, and keeps what differs. Whether the source has a key twice is told without grouping all of its rows:
 * ledger keys are unique, so known keys that are there once are as many as the ledger's that did not leave.
 */
function stageCompared(input: FreezeInput, dialect: SyncDialect): Statement[] {
  const { tables, desired, mapping } = input
  const delivered = quoteTable(tables.delivered)
  const rows = (which: string): string => `count(*) filter (where ${which})`
  return [
    plain(`create temporary table ${staged} (${comparedColumns(desired, dialect)})`),
    { text: `insert into ${staged} ${comparedRows(input, dialect, delivered)}`, parameters: [mapping] },
    plain(
      `create temporary table ${sides} as select` +
        ` (select count(*) from (${desiredRows(desired, dialect)}) s) as desired,` +
        ` (select count(*) from ${delivered}) as known,` +
        ` ${rows('_key is null and _known is null')} as null_keys,` +
        ` ${rows('_key is null and _known is not null')} as gone,` +
        ` ${rows('_key is not null and _known is null')} as added from ${staged}`,
    ),
  ]
}

/** What a mode deletes and has left the source is over: if it comes back it is deleted again. */
function forgetGone({ delivered }: SyncTables): Statement {
  return plain(`delete from ${quoteTable(delivered)} where key in (select _known from ${staged} where _key is null)`)
}

/** Null keys, and keys that the source has more than once: `key`, `reason`, `rows`. */
function invalidRows({ desired, rules }: FreezeInput, dialect: SyncDialect): string {
  const reason = `case when _key is null then 'null_key' else 'duplicate_key' end`
  const invalid = (from: string): string =>
    `select _key, ${reason}, count(*) from ${from} group by _key having _key is null or count(*) > 1`
  const all = `(${desiredRows(desired, dialect)}) s`
  if (!rules.compares) return invalid(all)
  const repeatsKnown = `(select desired - null_keys - added > known - gone from ${sides})`
  return [
    invalid(`${staged} where _known is null and not ${repeatsKnown}`),
    invalid(`${all} where ${repeatsKnown}`),
  ].join(' union all ')
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

function frozenColumns(desired: DesiredSet, dialect: SyncDialect): string {
  const { integer, text } = dialect.types
  return [
    `_ordinal ${integer}, _batch ${integer}, _part ${integer}, _operation ${text}, _key ${text}, _hash ${dialect.hashType}, _was ${text}`,
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
  const { text, parameters } = excepting(input, dialect)
  const numbered = ['_ordinal', `1 + ${cut('_ordinal - 1', limits.rows)} + ${cut('_bytes', limits.bytes)}`]
  return {
    text: [
      `insert into ${quoteTable(tables.frozen)}`,
      `select ${[...numbered, '_part', '_operation', '_key', '_hash', '_was', ...columns].join(', ')} from (`,
      `select *, row_number() over w as _ordinal, cast(sum(${size}) over w as ${dialect.types.integer}) as _bytes from (`,
      text,
      `) changes window w as (order by _part, case when _operation in ${operationList(removals)} then 0 else 1 end,`,
      ` ${dialect.codePointOrder('_key')} rows unbounded preceding)`,
      `) numbered order by _ordinal`,
    ].join('\n'),
    parameters,
  }
}

/** What differs, each row with whether it is part of this run; those that are come first. */
function excepting(input: FreezeInput, dialect: SyncDialect): Statement {
  const { tables, part = usualPart, rules, mapping, resend = [], resendOnly = false } = input
  const before = rules.compares ? [] : [mapping, ...(resendOnly ? resend : [])]
  const said = partOf(part, { key: 'd._key', hash: 'd._hash' }, dialect, before.length + 1)
  const differing = changedRows(
    input,
    rules.compares ? staged : `(${comparedRows(input, dialect, '')})`,
    quoteTable(tables.invalid),
  )
  const rows = `select d.*, ${said.text} as _part from (${differing}) d left join ${quoteTable(tables.excepted)} x on x.key = d._key`
  return {
    // Of a mode that compares nothing, what is not part of a run is nothing that is left to do.
    text: rules.compares ? rows : `select * from (${rows}) p where _part = 0`,
    parameters: [...before, ...said.parameters],
  }
}

function countSides({ tables, desired, rules }: FreezeInput, dialect: SyncDialect): Statement {
  const counted = rules.compares
    ? `(select desired from ${sides})`
    : `(select count(*) from (${desiredRows(desired, dialect)}) s)`
  const invalid = (reason: string): string =>
    `(select cast(coalesce(sum(rows), 0) as ${dialect.types.integer}) from ${quoteTable(tables.invalid)} where reason = '${reason}')`
  return plain(
    `update ${quoteTable(tables.ledger)} set` +
      ` desired = ${counted},` +
      ` withheld = ${withheldRows(desired, dialect)},` +
      ` null_keys = ${invalid('null_key')}, duplicate_rows = ${invalid('duplicate_key')},` +
      ` removable = (select count(*) from ${quoteTable(tables.delivered)} where operation not in ('skipped', 'delete', 'remove'))`,
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
