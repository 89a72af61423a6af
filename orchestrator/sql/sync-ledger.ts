import { syncDialects } from './sync-dialect.ts'
import { prepareExcepted } from './sync-excepted.ts'
import { quoteColumn, quoteTable } from './sync-quote.ts'
import type { SyncTables } from './sync-names.ts'
import type { Dialect, Statement } from './statement.ts'

/** Makes the sync's tables if they are missing. Once they exist it changes nothing. */
export function prepareSync(tables: SyncTables, dialect: Dialect): Statement[] {
  const { types, hashType, keyConstraint } = syncDialects[dialect]
  const { text, timestamp, integer } = types
  return [
    plain(`create schema if not exists ${quoteColumn(tables.schema)}`),
    plain(
      `create table if not exists ${quoteTable(tables.ledger)} (one ${integer} primary key, frozen_run ${text},` +
        ` frozen_mapping ${text}, frozen_upstream ${text}, fence ${integer}, algorithm ${text}, mapping ${text}, changed_by ${text},` +
        ` desired ${integer}, null_keys ${integer}, duplicate_rows ${integer}, removable ${integer})`,
    ),
    plain(`insert into ${quoteTable(tables.ledger)} (one) values (1) on conflict (one) do nothing`),
    ...upgradeLedger(tables, dialect),
    plain(
      `create table if not exists ${quoteTable(tables.delivered)} (key ${text}${keyConstraint}, hash ${hashType},` +
        ` operation ${text}, sync_run ${text}, delivered_at ${timestamp})`,
    ),
  ]
}

/** Gives a ledger that an earlier version made what it lacks. Not in one transaction with what uses it. */
export function upgradeLedger(tables: SyncTables, dialect: Dialect): Statement[] {
  const { integer, text } = syncDialects[dialect].types
  const later = [
    `merge_epoch ${integer}`,
    `frozen_mode ${text}`,
    `target ${text}`,
    `place ${text}`,
    `withheld ${integer}`,
    `waiting ${integer}`,
    `left_out ${integer}`,
    `removals_waiting ${integer}`,
    `removals_left ${integer}`,
    `retried ${integer}`,
    `public_key ${text}`,
    `private_key ${text}`,
  ]
  return [
    ...later.map((column) => plain(`alter table ${quoteTable(tables.ledger)} add column if not exists ${column}`)),
    prepareExcepted(tables, dialect),
  ]
}

/**
 * One row: the ledger's, with desired, null_keys, duplicate_rows and removable (keys that a mirror may remove), and
 * added, changed, removed and batches of what is frozen. `mapping` is the one that the ledger was last written with.
 */
export function countFrozen(tables: SyncTables): Statement {
  return plain(
    `select l.*, f.* from ${quoteTable(tables.ledger)} l cross join (select` +
      ` count(*) filter (where _hash is not null and _was is null) as added,` +
      ` count(*) filter (where _hash is not null and _was is not null) as changed,` +
      ` count(*) filter (where _hash is null) as removed,` +
      ` count(distinct _batch) as batches from ${quoteTable(tables.frozen)}) f`,
  )
}

/** What the ledger's row says, whether or not anything was frozen yet. */
export function readLedger(tables: SyncTables): Statement {
  return plain(`select * from ${quoteTable(tables.ledger)}`)
}

/** Keeps a pair of keys unless there is one. */
export function writeSealingKey(
  tables: SyncTables,
  { publicKey, privateKey }: { readonly publicKey: string; readonly privateKey: string },
): Statement[] {
  const text = `update ${quoteTable(tables.ledger)} set public_key = $1, private_key = $2 where private_key is null`
  return [{ text, parameters: [publicKey, privateKey] }]
}

export function readSealingKey(tables: SyncTables): Statement {
  return plain(`select public_key, private_key from ${quoteTable(tables.ledger)}`)
}

function plain(text: string): Statement {
  return { text, parameters: [] }
}
