import type { SyncRequest } from '../contract/index.ts'
import { type DifferenceRules, harmlessOperations } from './sync-compare.ts'
import { type DesiredSet, desiredRows } from './sync-desired.ts'
import type { SyncDialect } from './sync-dialect.ts'
import type { SyncTables } from './sync-names.ts'
import { quoteTable } from './sync-quote.ts'
import type { Statement } from './statement.ts'

export interface Requested {
  readonly tables: SyncTables
  readonly desired: DesiredSet
  readonly rules: DifferenceRules
  readonly syncRun: string
  readonly request: SyncRequest
  /** Where the rows are that differ, and where their invalid keys are. */
  readonly staged: string
}

/**
 * Before anything is compared. `resync` takes the hash from the ledger’s rows that the source has: each differs until it
 * has been acknowledged again, also if this run is cut off.
 */
export function requestedBefore({ tables, desired, request }: Requested, dialect: SyncDialect): Statement[] {
  if (request !== 'resync') return []
  const wanted = `select _key from (${desiredRows(desired, dialect)}) s where _key is not null`
  return [plain(`update ${quoteTable(tables.delivered)} set hash = null where key in (${wanted})`)]
}

/**
 * When what differs is staged and its invalid keys are known. `adopt` writes what the source has into the ledger as if
 * it had been delivered; `forget` takes out of it what the source no longer has. Neither leaves anything of it to send.
 */
export function requestedAfter(
  { tables, rules, request, staged, syncRun }: Requested,
  { types }: SyncDialect,
): Statement[] {
  const delivered = quoteTable(tables.delivered)
  if (request === 'forget') {
    return [
      plain(`delete from ${delivered} where key in (select _known from ${staged} where _key is null)`),
      plain(`delete from ${staged} where _key is null`),
    ]
  }
  if (request !== 'adopt') return []
  const valid = `_key is not null and _key not in (select key from ${quoteTable(tables.invalid)} where key is not null)`
  return [
    plain(`delete from ${delivered} where key in (select _key from ${staged} where ${valid})`),
    {
      text:
        `insert into ${delivered} select _key, _hash, '${rules.added}', cast($1 as ${types.text}),` +
        ` cast(current_timestamp as ${types.timestamp}) from ${staged} where ${valid}`,
      parameters: [syncRun],
    },
    {
      text: `update ${quoteTable(tables.ledger)} set changed_by = cast($1 as ${types.text}) where exists (select 1 from ${staged} where ${valid})`,
      parameters: [syncRun],
    },
    plain(`delete from ${staged} where ${valid}`),
  ]
}

/**
 * What another mode left open says nothing to this one: a row that `update` found absent is one that `upsert` creates,
 * and one of unknown outcome may be sent again if that does no harm now. Before the ledger is told of the new mode.
 */
export function changeMode(
  tables: SyncTables,
  mode: string,
  rules: DifferenceRules,
  { types }: SyncDialect,
): Statement[] {
  const changed = `exists (select 1 from ${quoteTable(tables.ledger)} where frozen_mode <> cast($1 as ${types.text}))`
  const delivered = quoteTable(tables.delivered)
  const forget = { text: `delete from ${delivered} where operation = 'skipped' and ${changed}`, parameters: [mode] }
  const again = {
    text: `update ${delivered} set hash = null where operation = 'unknown' and ${changed}`,
    parameters: [mode],
  }
  return harmlessOperations.includes(rules.added) ? [forget, again] : [forget]
}

function plain(text: string): Statement {
  return { text, parameters: [] }
}
