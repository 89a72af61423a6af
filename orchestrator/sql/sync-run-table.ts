import { syncDialects } from './sync-dialect.ts'
import type { SyncTables } from './sync-names.ts'
import { quoteTable } from './sync-quote.ts'
import type { Dialect, Parameter, Statement } from './statement.ts'

/** The columns of `sync_runs` with their types, as each row has them. */
export const syncRunColumns = {
  ...{ sync: 'text', sync_run: 'text', run: 'text', mode: 'text', status: 'text' },
  ...{ started_at: 'timestamp', ended_at: 'timestamp' },
  ...{ read: 'integer', added: 'integer', changed: 'integer', removed: 'integer', unchanged: 'integer' },
  ...{
    invalid: 'integer',
    withheld: 'integer',
    waiting_before: 'integer',
    left_out: 'integer',
    removals_waiting: 'integer',
    removals_left: 'integer',
  },
  ...{ frozen: 'integer', sent: 'integer', unsent: 'integer' },
  ...{ accepted: 'integer', skipped: 'integer', rejected: 'integer', unknown: 'integer' },
  ...{ retried: 'integer', waiting: 'integer', batches: 'integer' },
  ...{ requests: 'integer', throttled: 'integer', request_retries: 'integer', bytes: 'integer' },
  ...{ freeze_ms: 'integer', send_ms: 'integer', settle_ms: 'integer' },
} as const satisfies Readonly<Record<string, 'text' | 'integer' | 'timestamp'>>

export type SyncRunRecord = { readonly [Column in keyof typeof syncRunColumns]: Parameter }

/** Makes the table and keeps the row of one sync run in it; once more replaces it. */
export function writeSyncRun(tables: SyncTables, dialect: Dialect, row: SyncRunRecord): Statement[] {
  const { types } = syncDialects[dialect]
  const columns = Object.entries(syncRunColumns) as [keyof SyncRunRecord, 'text' | 'integer' | 'timestamp'][]
  const table = quoteTable(tables.runs)
  return [
    {
      text: `create table if not exists ${table} (${columns.map(([name, type]) => `${name} ${types[type]}`).join(', ')})`,
      parameters: [],
    },
    { text: `delete from ${table} where sync_run = cast($1 as ${types.text})`, parameters: [row.sync_run] },
    {
      text:
        `insert into ${table} (${columns.map(([name]) => name).join(', ')}) values` +
        ` (${columns.map(([, type], index) => `cast($${index + 1} as ${types[type]})`).join(', ')})`,
      parameters: columns.map(([name]) => row[name]),
    },
  ]
}
