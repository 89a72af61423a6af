import { writeSyncRun, type SyncRunRecord } from '../../../orchestrator/sql/sync-run-table.ts'
import type { SyncTables } from '../../../orchestrator/sql/sync-names.ts'
import type { SyncRunRow } from '../../../orchestrator/store/store.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** Keeps an ended sync run in the warehouse, for queries: the same numbers as the record has. */
export async function keepSyncRun(
  warehouse: Warehouse,
  tables: SyncTables,
  run: SyncRunRow,
  signal: AbortSignal,
): Promise<void> {
  await warehouse.transaction(writeSyncRun(tables, warehouse.dialect, syncRunRecord(run)), { signal })
}

/**
 * A sync run with all that is counted of it:
 *
 * - `read = added + changed + unchanged + invalid + waiting_before + left_out`
 * - `frozen = added + changed + removed = sent + unsent`
 * - `sent = accepted + skipped + rejected + unknown`
 */
export function syncRunRecord(run: SyncRunRow): SyncRunRecord {
  const { planned, traffic } = run
  const frozen = planned.added + planned.changed + planned.removed
  return {
    ...{ sync: run.sync, sync_run: run.syncRun, run: run.resumedBy ?? run.run, mode: run.mode, status: run.status },
    ...{ started_at: run.startedAt, ended_at: run.endedAt },
    ...{ read: planned.desired, added: planned.added, changed: planned.changed, removed: planned.removed },
    ...{ unchanged: planned.unchanged, invalid: planned.invalid, withheld: planned.withheld ?? 0 },
    ...{
      waiting_before: planned.waiting ?? 0,
      left_out: planned.left ?? 0,
      removals_waiting: planned.removalsWaiting ?? 0,
      removals_left: planned.removalsLeft ?? 0,
    },
    ...{ frozen, sent: run.sent, unsent: frozen - run.sent },
    ...{ accepted: run.accepted, skipped: run.skipped, rejected: run.rejected, unknown: run.unknown },
    ...{ retried: planned.retried ?? 0, waiting: run.waiting ?? 0, batches: run.batches },
    ...{ requests: traffic.requests, throttled: traffic.throttled },
    ...{ request_retries: traffic.retried, bytes: traffic.bytes },
    ...{ freeze_ms: run.freezeMs, send_ms: run.sendMs, settle_ms: run.settleMs },
  }
}
