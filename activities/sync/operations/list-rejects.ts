import type {
  ExceptedRow,
  ExceptionFate,
  RejectsRequest,
  SyncDryRunInput,
  SyncRejects,
} from '../../../orchestrator/contract/index.ts'
import { listExcepted } from '../../../orchestrator/sql/sync-excepted.ts'
import type { ManifestIndex } from '../../runtime/index.ts'
import type { Row, Warehouse } from '../../warehouse/warehouse.ts'
import { setUpSync } from '../setup.ts'

/** Rows that the destination did not take, as they may be shown, and with their keys. */
export async function listRejects(
  { warehouse }: { readonly warehouse: Warehouse },
  manifest: ManifestIndex,
  { sync, revision }: Pick<SyncDryRunInput, 'sync' | 'revision'>,
  request: RejectsRequest,
  signal: AbortSignal,
): Promise<{ readonly masked: SyncRejects; readonly rows: readonly ExceptedRow[] }> {
  const { tables } = setUpSync(manifest, sync)
  // Before the first run there is no such table.
  if ((await warehouse.describe(tables.excepted, { signal })) === null) {
    return { masked: { sync, revision, counts: [], rows: [], masked: true }, rows: [] }
  }
  const asked = listExcepted(tables, warehouse.dialect, request)
  const [found, counted] = await Promise.all([
    warehouse.query(asked.rows, { signal }),
    warehouse.query(asked.counts, { signal }),
  ])
  const counts = counted.map((row) => ({
    fate: row['fate'] as ExceptionFate,
    code: String(row['code']),
    rows: Number(row['rows']),
  }))
  const rows = found.map(exceptedRow)
  const masked = rows.map((row) => ({ ...row, key: '***' }))
  return { masked: { sync, revision, counts, rows: masked, masked: true }, rows }
}

function exceptedRow(row: Row): ExceptedRow {
  const time = (name: string): string => new Date(Number(row[name])).toISOString()
  return {
    key: String(row['key']),
    fate: row['fate'] as ExceptionFate,
    code: String(row['code']),
    message: String(row['message']),
    operation: String(row['operation']),
    syncRun: String(row['sync_run']),
    attempts: Number(row['attempts']),
    firstAt: time('first_at'),
    lastAt: time('last_at'),
    nextAttemptAt: row['next_attempt_at'] === null ? null : time('next_attempt_at'),
  }
}
