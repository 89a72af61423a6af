import { harmlessOperations, operationList, removals } from './sync-compare.ts'
import { syncDialects } from './sync-dialect.ts'
import { countRejected, mergeExcepted, type ExceptedInput } from './sync-excepted.ts'
import { logRows } from './sync-log.ts'
import { quoteTable } from './sync-quote.ts'
import type { SyncTables } from './sync-names.ts'
import { usualRetry } from '../contract/index.ts'
import type { Dialect, Parameter, Statement } from './statement.ts'

/** How a batch ended, by the journal. */
export interface BatchEnd {
  readonly batch: number
  /** `open`: it left, nothing came back, and the destination may be given it again without harm. */
  readonly state: 'acknowledged' | 'unknown' | 'open'
}

export interface RowEnd {
  readonly ordinal: number
  readonly fate: 'rejected' | 'skipped' | 'unknown'
  readonly code?: string
  readonly message?: string
}

/** Rows of one insert: at most four parameters each, far below Postgres' limit of 65,535. */
const rowsPerInsert = 1_000

/** Who merges which sync run. */
export interface Merging {
  readonly tables: SyncTables
  readonly dialect: Dialect
  readonly syncRun: string
  /** The writer's, by the journal: rises with each. */
  readonly epoch: number
}

/**
 * The first statement of each transaction of a merge: fails it, by a cast that cannot succeed, if another sync run is
 * frozen by now, or a later writer has begun to merge: the tables that the journal is copied to are that one's then.
 */
export function fenceMerge({ tables, dialect, syncRun, epoch }: Merging): Statement {
  const { text, integer } = syncDialects[dialect].types
  const mine = `frozen_run = cast($1 as ${text}) and coalesce(merge_epoch, 0) <= cast($2 as ${integer})`
  return {
    text:
      `update ${quoteTable(tables.ledger)} set merge_epoch = cast($2 as ${integer}),` +
      ` fence = cast(case when ${mine} then '0' else 'fenced' end as ${integer})`,
    parameters: [syncRun, epoch],
  }
}

/** Makes the two tables empty that the journal is copied to. */
export function prepareMerge(tables: SyncTables, dialect: Dialect): Statement[] {
  const { integer, text } = syncDialects[dialect].types
  return [
    plain(`drop table if exists ${quoteTable(tables.batches)}`),
    plain(`create table ${quoteTable(tables.batches)} (batch ${integer}, state ${text})`),
    plain(`drop table if exists ${quoteTable(tables.exceptions)}`),
    plain(
      `create table ${quoteTable(tables.exceptions)} (ordinal ${integer}, fate ${text}, code ${text}, message ${text})`,
    ),
  ]
}

export function copyBatches(tables: SyncTables, dialect: Dialect, batches: readonly BatchEnd[]): Statement[] {
  return inserts(
    quoteTable(tables.batches),
    dialect,
    batches.map(({ batch, state }) => [batch, state]),
  )
}

export function copyExceptions(tables: SyncTables, dialect: Dialect, rows: readonly RowEnd[]): Statement[] {
  return inserts(
    quoteTable(tables.exceptions),
    dialect,
    rows.map(({ ordinal, fate, code = '', message = '' }) => [ordinal, fate, code, message]),
  )
}

function inserts(table: string, dialect: Dialect, rows: readonly [number, ...string[]][]): Statement[] {
  const { integer, text } = syncDialects[dialect].types
  const statements: Statement[] = []
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    const some = rows.slice(start, start + rowsPerInsert)
    const width = some[0]?.length ?? 0
    const values = some.map((row, index) => {
      const cells = row.map((_, at) => `cast($${width * index + at + 1} as ${at === 0 ? integer : text})`)
      return `(${cells.join(', ')})`
    })
    const parameters: Parameter[] = some.flat()
    statements.push({ text: `insert into ${table} values ${values.join(', ')}`, parameters })
  }
  return statements
}

export interface MergeInput extends Omit<Merging, 'epoch'> {
  /** ISO 8601, UTC. */
  readonly deliveredAt: string
  /** The usual waits unless told. */
  readonly retry?: ExceptedInput['retry']
  /** Keep what became of each row. */
  readonly log?: boolean
}

/**
 * One transaction, after its fence: moves the ledger by what the journal says of the frozen rows. Running it again changes nothing.
 * Accepted rows are written, accepted removals of rows that left the source leave, rejected rows leave the ledger as it was. An insert or append
 * whose outcome is unknown stays as `unknown` with its hash, and so is not sent again; if it is open it stays out, and
 * so is. An operation that does no harm twice and may or may not have happened stays as `unknown` without a hash: it differs from
 * whatever is desired, and a mirror removes it if nobody desires it any more.
 */
export function mergeSync(input: MergeInput): Statement[] {
  const { tables, dialect, syncRun, deliveredAt, retry = usual, log = false } = input
  const { types, hashType, hashAlgorithm } = syncDialects[dialect]
  const delivered = quoteTable(tables.delivered)
  const fates = fatesOfRows(tables)
  return [
    plain(`delete from ${delivered} where key in (select key from (${fates}) f where ${touched})`),
    // It was sent again, and is known not to be there.
    plain(
      `delete from ${delivered} where operation = 'unknown' and hash is not null and key in` +
        ` (select key from (${fates}) f where fate = 'rejected' and operation = 'append')`,
    ),
    {
      text:
        `insert into ${delivered} select key,` +
        ` case when fate in ('unknown', 'open') and operation in ${harmless} then cast(null as ${hashType}) else hash end,` +
        ` case when fate in ('unknown', 'open') then 'unknown'` +
        ` when fate <> 'skipped' then operation` +
        // It was there before, or not there: what became of an earlier attempt no longer matters.
        ` when was is null or (was = 'unknown' and operation in ('insert', 'update')) then 'skipped' else was end,` +
        ` cast($1 as ${types.text}), cast($2 as ${types.timestamp})` +
        ` from (${fates}) f where ${touched} and (not (${left}) or fate in ('unknown', 'open'))`,
      parameters: [syncRun, deliveredAt],
    },
    {
      text:
        `update ${quoteTable(tables.ledger)} set mapping = frozen_mapping, algorithm = ${hashAlgorithm},` +
        ` changed_by = case when exists (select 1 from (${fates}) f` +
        ` where ${touched}) then cast($1 as ${types.text}) else changed_by end`,
      parameters: [syncRun],
    },
    ...mergeExcepted({ tables, dialect, syncRun, at: deliveredAt, retry }, fates),
    ...(log ? logRows({ tables, dialect, syncRun, at: deliveredAt }, fates) : []),
  ]
}

const usual = { afterMinutes: usualRetry.afterMinutes, atMostMinutes: usualRetry.atMostMinutes }

/** Rows by operation and fate (accepted, skipped, rejected, unknown, open), for the accounting: operation, fate, rows. */
export function countFates(tables: SyncTables): Statement {
  return plain(`select operation, fate, count(*) as rows from (${fatesOfRows(tables)}) f group by operation, fate`)
}

/**
 * One row: how many keys the destination is known to have from this sync (rows), and how many it may have or not, which
 * are not sent again by themselves (parked), and how many it rejects (rejected).
 */
export function countDelivered(tables: SyncTables): Statement {
  return plain(
    `select count(*) filter (where operation not in ('skipped', 'unknown')) as rows,` +
      ` count(*) filter (where operation = 'unknown' and hash is not null) as parked, ${countRejected(tables)} as rejected` +
      ` from ${quoteTable(tables.delivered)}`,
  )
}

/** After the merge: the copies of the journal are not needed any more. */
export function cleanMerge(tables: SyncTables): Statement[] {
  return [tables.batches, tables.exceptions].map((table) => plain(`drop table if exists ${quoteTable(table)}`))
}

function fatesOfRows(tables: SyncTables): string {
  return (
    `select f._ordinal as ordinal, f._key as key, f._hash as hash, f._operation as operation, f._was as was,` +
    ` e.code as code, e.message as message,` +
    ` coalesce(e.fate, case b.state when 'acknowledged' then 'accepted' else b.state end) as fate` +
    ` from ${quoteTable(tables.frozen)} f join ${quoteTable(tables.batches)} b on b.batch = f._batch` +
    ` left join ${quoteTable(tables.exceptions)} e on e.ordinal = f._ordinal`
  )
}

const harmless = operationList(harmlessOperations)

/** Of a row that left the source: what is taken away because the source has it has a hash. */
const left = `operation in ${operationList(removals)} and hash is null`

/** What the ledger has to be moved for. */
const touched = `(fate in ('accepted', 'skipped', 'unknown') or (fate = 'open' and operation in ${harmless}))`

function plain(text: string): Statement {
  return { text, parameters: [] }
}
