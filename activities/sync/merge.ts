import {
  type BatchEnd,
  cleanMerge,
  copyBatches,
  copyExceptions,
  countDelivered,
  countFates,
  mergeSync,
  prepareMerge,
} from '../../orchestrator/sql/sync-merge.ts'
import type { SyncJournal } from '../../orchestrator/store/store.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { FateCount } from './account.ts'
import type { SyncSetup } from './setup.ts'

const exceptionsAPage = 10_000

export interface Merged {
  readonly fates: readonly FateCount[]
  /** Keys that the destination is known to have from this sync. */
  readonly delivered: number
}

/**
 * Moves the ledger by the journal of the sync run that is frozen. Batches that are still open are taken for what may
 * be sent again: whoever cannot be given them again has been parked before. Once more changes nothing.
 */
export async function mergeJournal(
  {
    warehouse,
    journal,
    setup,
  }: { readonly warehouse: Warehouse; readonly journal: SyncJournal; readonly setup: SyncSetup },
  syncRun: string,
  deliveredAt: Date,
  signal: AbortSignal,
): Promise<Merged> {
  const { tables } = setup
  const { dialect } = warehouse
  const batches = (await journal.batches(syncRun)).map(({ batch, state }): BatchEnd => ({
    batch,
    state: state === 'intent' ? 'open' : state,
  }))
  await warehouse.transaction([...prepareMerge(tables, dialect), ...copyBatches(tables, dialect, batches)], { signal })
  for (let after = 0; ;) {
    const page = await journal.exceptions(syncRun, { after, limit: exceptionsAPage })
    if (page.length > 0) await warehouse.transaction(copyExceptions(tables, dialect, page), { signal })
    const last = page.at(-1)
    if (last === undefined || page.length < exceptionsAPage) break
    after = last.ordinal
  }
  await warehouse.transaction(mergeSync({ tables, dialect, syncRun, deliveredAt: deliveredAt.toISOString() }), {
    signal,
  })
  const fates = (await warehouse.query(countFates(tables), { signal })).map((row) => ({
    operation: String(row['operation']),
    fate: String(row['fate']),
    rows: Number(row['rows']),
  }))
  const [delivered] = await warehouse.query(countDelivered(tables), { signal })
  await warehouse.transaction(cleanMerge(tables), { signal })
  return { fates, delivered: Number(delivered?.['rows'] ?? 0) }
}
