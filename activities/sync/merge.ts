import { TraitlineError, usualRetry } from '../../orchestrator/contract/index.ts'
import type { Statement } from '../../orchestrator/sql/statement.ts'
import { readLedger, upgradeLedger } from '../../orchestrator/sql/sync-ledger.ts'
import {
  type BatchEnd,
  cleanMerge,
  copyBatches,
  copyExceptions,
  countDelivered,
  countFates,
  fenceMerge,
  mergeSync,
  prepareMerge,
} from '../../orchestrator/sql/sync-merge.ts'
import type { SyncJournal } from '../../orchestrator/store/store.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { FateCount } from './account.ts'
import type { Writer } from './book.ts'
import type { SyncSetup } from './setup.ts'

const exceptionsAPage = 10_000

export interface Merged {
  readonly fates: readonly FateCount[]
  /** Keys that the destination is known to have from this sync. */
  readonly delivered: number
  /** Keys that it may have or not, and that are not sent again by themselves. */
  readonly parked: number
  /** Keys that it rejects. */
  readonly waiting: number
}

/**
 * Moves the ledger by the journal of the sync run that is frozen. Batches that are still open are taken for what may
 * be sent again: whoever cannot be given them again has been parked before. Once more changes nothing. Attempts may
 * overlap: as soon as a later writer has begun, this one's next transaction fails. Throws SYNC_FENCED.
 */
export async function mergeJournal(
  target: { readonly warehouse: Warehouse; readonly journal: SyncJournal; readonly setup: SyncSetup },
  writer: Writer,
  deliveredAt: Date,
  signal: AbortSignal,
): Promise<Merged> {
  try {
    return await merge(target, writer, deliveredAt, signal)
  } catch (error) {
    if (signal.aborted || !(await overtaken(target, writer))) throw error
    throw fenced(writer.sync, error)
  }
}

async function merge(
  { warehouse, journal, setup: { tables, spec } }: Parameters<typeof mergeJournal>[0],
  { syncRun, epoch }: Writer,
  deliveredAt: Date,
  signal: AbortSignal,
): Promise<Merged> {
  const { dialect } = warehouse
  const merging = { tables, dialect, syncRun, epoch }
  const transact = (...statements: Statement[]): Promise<unknown> =>
    warehouse.transaction([fenceMerge(merging), ...statements], { signal })
  const batches = (await journal.batches(syncRun)).map(({ batch, state }): BatchEnd => ({
    batch,
    state: state === 'intent' ? 'open' : state,
  }))
  await warehouse.transaction(upgradeLedger(tables, dialect), { signal })
  await transact(...prepareMerge(tables, dialect), ...copyBatches(tables, dialect, batches))
  for (let after = 0; ;) {
    const page = await journal.exceptions(syncRun, { after, limit: exceptionsAPage })
    if (page.length > 0) await transact(...copyExceptions(tables, dialect, page))
    const last = page.at(-1)
    if (last === undefined || page.length < exceptionsAPage) break
    after = last.ordinal
  }
  const { rejects = {}, log = false } = spec
  const retry = {
    afterMinutes: rejects.retryAfterMinutes ?? usualRetry.afterMinutes,
    atMostMinutes: rejects.retryAtMostMinutes ?? usualRetry.atMostMinutes,
  }
  await transact(...mergeSync({ ...merging, deliveredAt: deliveredAt.toISOString(), retry, log }))
  const fates = (await warehouse.query(countFates(tables), { signal })).map((row) => ({
    operation: String(row['operation']),
    fate: String(row['fate']),
    rows: Number(row['rows']),
  }))
  const [counts] = await warehouse.query(countDelivered(tables), { signal })
  // If it was overtaken while it counted, this fails.
  await transact(...cleanMerge(tables))
  const count = (name: string): number => Number(counts?.[name] ?? 0)
  return { fates, delivered: count('rows'), parked: count('parked'), waiting: count('rejected') }
}

async function overtaken(
  { warehouse, setup }: Parameters<typeof mergeJournal>[0],
  { syncRun, epoch }: Writer,
): Promise<boolean> {
  const [ledger] = await warehouse.query(readLedger(setup.tables))
  return ledger?.['frozen_run'] !== syncRun || Number(ledger['merge_epoch'] ?? 0) > epoch
}

function fenced(sync: string, cause: unknown): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_FENCED',
    message: `${sync}: another writer has taken over its ledger`,
    hint: 'Nothing to do: the later writer goes on from what is recorded.',
    blame: 'system',
    cause,
  })
}
