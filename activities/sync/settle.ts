import { syncModes } from '../../orchestrator/contract/index.ts'
import { readLedger } from '../../orchestrator/sql/sync-ledger.ts'
import type { SyncRunRow } from '../../orchestrator/store/store.ts'
import { assertBalanced, type FateCount } from './account.ts'
import type { Writer } from './book.ts'
import type { Connector } from './connector.ts'
import type { SyncDeps } from './deps.ts'
import { harmlessAgain, parkIntents } from './intents.ts'
import { keepSyncRun } from './operations/sync-run-table.ts'
import { mergeJournal } from './merge.ts'
import type { SyncSetup } from './setup.ts'
import { removeSpool } from './spool.ts'

export interface Settled {
  readonly run: SyncRunRow
  readonly fates: readonly FateCount[]
  readonly delivered: number
  /** Rows of this and earlier sync runs whose outcome is unknown, and which are not sent again by themselves. */
  readonly parked: number
  /** Rows that the destination rejected, in this and earlier sync runs, and does not have. */
  readonly waiting: number
  /** Every batch has an end. */
  readonly complete: boolean
}

/**
 * Merges what the journal has of a sync run into the ledger and closes its books. If its frozen rows are no longer in
 * the warehouse (it was replaced by another, or lost with its file) there is nothing to merge into, and it ends as
 * superseded. A sync run of another warehouse is left to a run there: here it only ends.
 *
 * @param status How it ends if it is not complete.
 */
export async function settleRun(
  deps: SyncDeps,
  setup: SyncSetup,
  writer: Writer,
  run: SyncRunRow,
  status: 'failed' | 'superseded',
  connectorOf: () => Promise<Connector>,
  signal: AbortSignal,
): Promise<Settled> {
  const { syncs } = deps.store
  const startedAt = performance.now()
  if (run.warehouse !== null && run.warehouse !== (await deps.warehouse.identity())) {
    await removeSpool(deps.home, run.syncRun)
    return {
      run: await syncs.finish({ ...writer, status: 'failed' }),
      fates: [],
      delivered: 0,
      parked: 0,
      waiting: 0,
      complete: false,
    }
  }
  const batches = await syncs.batches(run.syncRun)
  const mode = syncModes.find((known) => known === run.mode) ?? setup.spec.mode
  const open = batches.filter(({ state }) => state === 'intent').length
  if (open > 0 && !harmlessAgain(setup, mode) && !(await connectorOf()).declaration.idempotent) {
    await parkIntents(syncs, writer)
  }
  const [ledger] = await deps.warehouse.query(readLedger(setup.tables), { signal })
  const frozen = ledger?.['frozen_run'] === run.syncRun
  const merged = frozen
    ? await mergeJournal({ warehouse: deps.warehouse, journal: syncs, setup }, writer, deps.clock(), signal)
    : null
  const complete = frozen && open === 0 && batches.length === run.batches
  const finished = await syncs.finish({
    ...writer,
    status: complete ? 'settled' : frozen ? status : 'superseded',
    ...(merged !== null && { waiting: merged.waiting }),
    settleMs: performance.now() - startedAt,
  })
  if (merged !== null) await keepSyncRun(deps.warehouse, setup.tables, finished, signal)
  await removeSpool(deps.home, run.syncRun)
  if (merged !== null) assertBalanced(finished, merged.fates)
  return { run: finished, ...(merged ?? { fates: [], delivered: 0, parked: 0, waiting: 0 }), complete }
}
