import { type DesiredSet, desiredRows, rowHash } from './sync-desired.ts'
import type { SyncRequest } from '../contract/index.ts'
import type { SyncDialect } from './sync-dialect.ts'
import type { SyncTables } from './sync-names.ts'
import { quoteColumn, quoteTable } from './sync-quote.ts'

/** What a row of a sync asks of the destination. `add` and `remove` are of lists that have members. */
export const syncOperations = ['upsert', 'update', 'insert', 'append', 'add', 'remove', 'delete'] as const
export type SyncOperation = (typeof syncOperations)[number]

/** Operations that take something away at the destination. */
export type Removal = 'delete' | 'remove'
export const removals: readonly SyncOperation[] = ['delete', 'remove']

/** Operations that do no harm when the destination is given them twice. */
export const harmlessOperations: readonly SyncOperation[] = ['upsert', 'update', 'add', 'remove', 'delete']

/** A list of operations as SQL has it, for `in`. */
export function operationList(operations: readonly SyncOperation[]): string {
  return `(${operations.map((operation) => `'${operation}'`).join(', ')})`
}

/** What the ledger says of a key; as a number while rows are compared, since each of millions carries it along. */
const ledgerCodes: Readonly<Record<SyncOperation | 'unknown' | 'skipped', number>> = {
  upsert: 1,
  insert: 2,
  append: 3,
  delete: 4,
  unknown: 5,
  skipped: 6,
  update: 7,
  add: 8,
  remove: 9,
}

/** What a mode does with each kind of difference between the desired set and the ledger. */
export interface DifferenceRules {
  /** The key is not in the ledger. */
  readonly added: SyncOperation
  /** The key is in the ledger with another hash, or with an unknown outcome. */
  readonly changed: SyncOperation | null
  /** The key is in the ledger, delivered by this sync, and no longer desired. */
  readonly removed: Removal | null
  /** The key is in the ledger and no longer desired: the ledger forgets it, and nothing is sent. */
  readonly forgets?: true
  /** False: every desired row is `added`, whatever the ledger says. */
  readonly compares: boolean
}

export interface Comparing {
  readonly tables: SyncTables
  readonly desired: DesiredSet
  readonly rules: DifferenceRules
  /** Sync runs whose rows of unknown outcome are to be sent again: they count as not delivered. */
  readonly resend?: readonly string[]
  /** For rules that compare nothing: there is nothing new to read, so that only those rows are sent. */
  readonly resendOnly?: boolean
  /** What is adopted is recorded as it is, also by a mode that does not follow changes. */
  readonly request?: SyncRequest
}

/** The ledger's rows that these sync runs sent without an answer, and that are not sent again by themselves. */
export function parkedBy(syncRuns: readonly string[], firstParameter: number): string {
  const names = syncRuns.map((_, index) => `$${firstParameter + index}`)
  return `operation = 'unknown' and hash is not null and sync_run in (${names.join(', ')})`
}

/**
 * The desired rows beside the ledger, those that are equal left out: `_key` (null for a row that left), `_known` (the
 * ledger's key, null for a row that is new), `_hash`, `_was` (the ledger's operation as a number), and the columns. `$1` is the
 * mapping's version.
 *
 * A key that the source has twice is here twice if it is new; if it is known and equal it is not here at all, which
 * `repeatsKnown` finds out.
 */
export function comparedRows({ desired, rules, request }: Comparing, dialect: SyncDialect, delivered: string): string {
  const { text } = dialect.types
  const hash = rowHash(desired.columns, `cast($1 as ${text})`, 'r', dialect)
  const source = `(select r.*, ${hash} as _hash from (${desiredRows(desired, dialect)}) r)`
  const columns = desired.columns.map(({ name }) => `s.${quoteColumn(name)}`)
  const select = (known: string, was: string): string =>
    `select ${['s._key as _key', `${known} as _known`, 's._hash as _hash', `${was} as _was`, ...columns].join(', ')}`
  if (!rules.compares) return `${select(`cast(null as ${text})`, 'cast(null as smallint)')} from ${source} s`
  const coded = Object.entries(ledgerCodes)
    .map(([operation, code]) => `when '${operation}' then cast(${code} as smallint)`)
    .join(' ')
  // Without a hash its outcome is not known, or it is asked for again.
  const differs = rules.changed === null && request !== 'adopt' ? 'd.hash is null' : 'd.hash is distinct from s._hash'
  return [
    `${select('d.key', 'd.was')} from ${source} s`,
    `full outer join (select key, hash, case operation ${coded} end as was from ${delivered} l) d on d.key = s._key`,
    `where s._key is null or d.key is null or ${differs} or d.was in (${undone(rules)})`,
  ].join('\n')
}

/**
 * What an earlier mode of the sync did, and this one does the reverse of: a row that was taken away is new to a mode that
 * writes, and one that was written to a mode that takes away.
 */
function undone({ added }: DifferenceRules): string {
  const takesAway = removals.includes(added)
  const codes = syncOperations.filter((operation) => removals.includes(operation) !== takesAway)
  return codes.map((operation) => ledgerCodes[operation]).join(', ')
}

/** The types of what `comparedRows` answers. */
export function comparedColumns({ columns }: DesiredSet, dialect: SyncDialect): string {
  const { text } = dialect.types
  return [
    `_key ${text}, _known ${text}, _hash ${dialect.hashType}, _was smallint`,
    ...columns.map(({ name, type }) => `${quoteColumn(name)} ${dialect.types[type]}`),
  ].join(', ')
}

/**
 * The rows that a sync has to send: `_operation`, `_key`, `_hash`, `_was` (the ledger's operation, null if new), columns.
 * `compared` is where `comparedRows` are, `invalid` where the keys are that are left out. `$1` is taken; the sync runs
 * of `resend` begin at `$2` where nothing is compared.
 */
export function changedRows(
  { tables, desired, rules, resend = [], resendOnly = false }: Comparing,
  compared: string,
  invalid: string,
): string {
  const valid = 'c._key is not null and i.key is null'
  const undoes = `c._was in (${undone(rules)})`
  const gone = `c._key is null and c._known is not null and c._was <> ${ledgerCodes.skipped} and not ${undoes}`
  const again = `c._key in (select key from ${quoteTable(tables.delivered)} where ${parkedBy(resend, 2)})`
  const wanted = !resendOnly || rules.compares ? valid : resend.length === 0 ? 'false' : `${valid} and ${again}`
  const decoded = Object.entries(ledgerCodes)
    .map(([name, code]) => `when ${code} then '${name}'`)
    .join(' ')
  const operation =
    rules.changed === null || rules.changed === rules.added
      ? `'${rules.added}'`
      : `case when c._known is null or ${undoes} then '${rules.added}' else '${rules.changed}' end`
  const select = [
    rules.removed === null
      ? `${operation} as _operation`
      : `case when c._key is null then '${rules.removed}' else ${operation} end as _operation`,
    'coalesce(c._key, c._known) as _key',
    'c._hash as _hash',
    `case when ${undoes} then null else case c._was ${decoded} end end as _was`,
    ...desired.columns.map(({ name }) => `c.${quoteColumn(name)}`),
  ]
  return [
    `select ${select.join(', ')} from ${compared} c`,
    `left join ${invalid} i on i.key = c._key`,
    `where (${wanted})${rules.removed === null ? '' : ` or (${gone})`}`,
  ].join('\n')
}
