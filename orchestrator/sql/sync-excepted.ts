import type { RejectsRequest } from '../contract/index.ts'
import { syncDialects, type SyncDialect } from './sync-dialect.ts'
import type { SyncTables } from './sync-names.ts'
import { quoteTable } from './sync-quote.ts'
import type { Dialect, Parameter, Statement } from './statement.ts'

/** Which of the rows that differ a sync run sends; the others stay as they are. */
export interface RunPart {
  /** Rejected rows whose time comes after this wait, ISO 8601; null lets none wait. */
  readonly now: string | null
  readonly limit?: number
  readonly failed?: boolean
  readonly code?: string
  readonly key?: string
}

export const usualPart: RunPart = { now: null }

/** The table of rows that the destination did not take. Once it exists it changes nothing. */
export function prepareExcepted(tables: SyncTables, dialect: Dialect): Statement {
  const { types, hashType, keyConstraint } = syncDialects[dialect]
  const { text, timestamp, integer } = types
  return plain(
    `create table if not exists ${quoteTable(tables.excepted)} (key ${text}${keyConstraint}, fate ${text}, code ${text},` +
      ` message ${text}, operation ${text}, hash ${hashType}, sync_run ${text}, attempts ${integer},` +
      ` first_at ${timestamp}, last_at ${timestamp}, next_attempt_at ${timestamp})`,
  )
}

/**
 * An expression that says of a row that differs whether it is sent (0), left out of this run (1), or waits for its next
 * attempt (2). `x` is its row among the excepted ones, `row` what differs.
 */
export function partOf(
  part: RunPart,
  row: { readonly key: string; readonly hash: string },
  dialect: SyncDialect,
  firstParameter: number,
): Statement {
  const parameters: Parameter[] = []
  const given = (value: string): string => {
    parameters.push(value)
    return `cast($${firstParameter + parameters.length - 1} as ${dialect.types.text})`
  }
  const cases: string[] = []
  if (part.key !== undefined) cases.push(`when ${row.key} is distinct from ${given(part.key)} then 1`)
  if (part.failed === true) {
    const code = part.code === undefined ? '' : ` and x.code = ${given(part.code)}`
    cases.push(`when not coalesce(x.fate = 'rejected'${code}, false) then 1`)
  }
  if (part.now !== null && part.key === undefined && part.failed !== true) {
    cases.push(
      `when x.fate = 'rejected' and x.hash is not distinct from ${row.hash}` +
        ` and x.next_attempt_at > cast(${given(part.now)} as ${dialect.types.timestamp}) then 2`,
    )
  }
  return { text: cases.length === 0 ? '0' : `case ${cases.join(' ')} else 0 end`, parameters }
}

/**
 * After what differs is frozen: what does not differ any more is not rejected any more, if `whole`, which says that all
 * that differs is frozen; what is not part of this run goes.
 */
export function keepPart(
  { tables, part, whole }: { readonly tables: SyncTables; readonly part: RunPart; readonly whole: boolean },
  dialect: SyncDialect,
): Statement[] {
  const frozen = quoteTable(tables.frozen)
  const { integer } = dialect.types
  const counted = (which: string): string => `(select cast(count(*) as ${integer}) from ${frozen} where ${which})`
  const { limit } = part
  return [
    ...(whole
      ? [
          plain(
            `delete from ${quoteTable(tables.excepted)} where fate = 'rejected' and key not in (select _key from ${frozen})`,
          ),
        ]
      : []),
    ...(limit === undefined
      ? []
      : [plain(`update ${frozen} set _part = 1 where _part = 0 and _ordinal > ${Math.trunc(limit)}`)]),
    plain(
      `update ${quoteTable(tables.ledger)} set waiting = ${counted('_part = 2 and _hash is not null')},` +
        ` left_out = ${counted('_part = 1 and _hash is not null')},` +
        ` removals_waiting = ${counted('_part = 2 and _hash is null')},` +
        ` removals_left = ${counted('_part = 1 and _hash is null')},` +
        ` retried = ${counted(`_part = 0 and _key in (select key from ${quoteTable(tables.excepted)} where fate = 'rejected')`)}`,
    ),
    plain(`delete from ${frozen} where _part <> 0`),
  ]
}

export interface ExceptedInput {
  readonly tables: SyncTables
  readonly dialect: Dialect
  readonly syncRun: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly retry: { readonly afterMinutes: number; readonly atMostMinutes: number }
}

/**
 * Keeps of each row that was not taken what the destination said, and when a rejected one is tried again: in the next
 * run after the first time, then after ever longer waits. Another value begins anew. Once more for the same sync run
 * changes nothing. `fates` is a query of key, hash, operation, fate, code and message.
 */
export function mergeExcepted({ tables, dialect, syncRun, at, retry }: ExceptedInput, fates: string): Statement[] {
  const { types } = syncDialects[dialect]
  const excepted = quoteTable(tables.excepted)
  const kept = `(select * from (${fates}) k where fate in ('rejected', 'skipped', 'unknown'))`
  const run = `cast($1 as ${types.text})`
  const time = `cast($2 as ${types.timestamp})`
  const same = `e.fate = f.fate and e.hash is not distinct from f.hash`
  const doubled = `${Math.round(retry.afterMinutes * 60)} * power(2, least(e.attempts - 2, 20))`
  const seconds = `case when e.attempts < 2 then 0 else least(${doubled}, ${Math.round(retry.atMostMinutes * 60)}) end`
  return [
    plain(`delete from ${excepted} where key in (select key from (${fates}) f where fate = 'accepted')`),
    {
      text:
        `update ${excepted} as e set attempts = case when ${same} then e.attempts + 1 else 1 end,` +
        ` first_at = case when ${same} then e.first_at else ${time} end, last_at = ${time}, fate = f.fate,` +
        ` code = f.code, message = f.message, operation = f.operation, hash = f.hash, sync_run = ${run}` +
        ` from ${kept} f where f.key = e.key and e.sync_run <> ${run}`,
      parameters: [syncRun, at],
    },
    {
      text:
        `insert into ${excepted} select f.key, f.fate, f.code, f.message, f.operation, f.hash, ${run}, 1, ${time}, ${time},` +
        ` cast(null as ${types.timestamp}) from ${kept} f where not exists (select 1 from ${excepted} e where e.key = f.key)`,
      parameters: [syncRun, at],
    },
    {
      text:
        `update ${excepted} as e set next_attempt_at = case when e.fate = 'rejected'` +
        ` then e.last_at + cast(${seconds} as ${types.integer}) * interval '1 second' end where e.sync_run = ${run}`,
      parameters: [syncRun],
    },
  ]
}

export function countRejected(tables: SyncTables): string {
  return `(select count(*) from ${quoteTable(tables.excepted)} where fate = 'rejected')`
}

/** A page of rows that were not taken, by key, and how many there are with each fate and code. */
export function listExcepted(
  tables: SyncTables,
  dialect: Dialect,
  { fate, code, limit, offset }: RejectsRequest,
): { readonly rows: Statement; readonly counts: Statement } {
  const { types, codePointOrder } = syncDialects[dialect]
  const parameters: Parameter[] = []
  const given = (value: string): string => `cast($${parameters.push(value)} as ${types.text})`
  const conditions = [
    ...(fate === undefined ? [] : [`fate = ${given(fate)}`]),
    ...(code === undefined ? [] : [`code = ${given(code)}`]),
  ]
  const table = quoteTable(tables.excepted)
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  const epoch = (name: string): string => `cast(extract(epoch from ${name}) * 1000 as bigint) as ${name}`
  return {
    rows: {
      text:
        `select key, fate, code, message, operation, sync_run, attempts, ${epoch('first_at')}, ${epoch('last_at')},` +
        ` ${epoch('next_attempt_at')} from ${table}${where} order by ${codePointOrder('key')}` +
        ` limit ${Math.trunc(limit)} offset ${Math.trunc(offset)}`,
      parameters,
    },
    counts: plain(`select fate, code, count(*) as rows from ${table} group by fate, code order by 3 desc, 1, 2`),
  }
}

function plain(text: string): Statement {
  return { text, parameters: [] }
}
