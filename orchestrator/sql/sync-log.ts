import { syncDialects } from './sync-dialect.ts'
import type { SyncTables } from './sync-names.ts'
import { quoteTable } from './sync-quote.ts'
import type { Dialect, Statement } from './statement.ts'

/** Keeps what became of each row of a sync run; once more for the same one changes nothing. */
export function logRows(
  {
    tables,
    dialect,
    syncRun,
    at,
  }: { readonly tables: SyncTables; readonly dialect: Dialect; readonly syncRun: string; readonly at: string },
  fates: string,
): Statement[] {
  const { text, integer, timestamp } = syncDialects[dialect].types
  const log = quoteTable(tables.log)
  return [
    {
      text:
        `create table if not exists ${log} (sync_run ${text}, ordinal ${integer}, key ${text}, operation ${text},` +
        ` fate ${text}, code ${text}, message ${text}, told_at ${timestamp})`,
      parameters: [],
    },
    { text: `delete from ${log} where sync_run = cast($1 as ${text})`, parameters: [syncRun] },
    {
      text:
        `insert into ${log} select cast($1 as ${text}), ordinal, key, operation, fate, code, message,` +
        ` cast($2 as ${timestamp}) from (${fates}) f`,
      parameters: [syncRun, at],
    },
  ]
}
