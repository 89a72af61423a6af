import type { JsonObject } from '../../orchestrator/contract/index.ts'
import { TraitlineError } from '../../orchestrator/contract/index.ts'
import type { SyncRunRow } from '../../orchestrator/store/store.ts'

/** Rows of one operation with one fate, as the warehouse counts them after the merge. */
export interface FateCount {
  readonly operation: string
  readonly fate: string
  readonly rows: number
}

/** Every row that left has exactly one fate, and journal and warehouse tell the same. Throws SYNC_UNBALANCED. */
export function assertBalanced(run: SyncRunRow, fates: readonly FateCount[]): void {
  const { sent, accepted, skipped, rejected, unknown } = run
  const merged = {
    accepted: total(fates, ['accepted']),
    skipped: total(fates, ['skipped']),
    rejected: total(fates, ['rejected']),
    unknown: total(fates, ['unknown', 'open']),
  }
  const agree =
    accepted + skipped + rejected + unknown === sent &&
    merged.accepted === accepted &&
    merged.skipped === skipped &&
    merged.rejected === rejected &&
    merged.unknown === unknown
  if (agree) return
  throw new TraitlineError({
    code: 'SYNC_UNBALANCED',
    message:
      `${run.sync}: the accounting of sync run ${run.syncRun} does not balance: ${sent} sent; by the journal` +
      ` ${accepted} accepted, ${skipped} skipped, ${rejected} rejected, ${unknown} unknown; by the warehouse` +
      ` ${merged.accepted}, ${merged.skipped}, ${merged.rejected}, ${merged.unknown}`,
    hint: 'This is a fault of Traitline: please report it with this line.',
    blame: 'system',
  })
}

/** One clause for people: `29 sent, 1 removed, 2 rejected`. */
export function summaryOf(run: SyncRunRow, fates: readonly FateCount[]): string {
  const removed = total(fates, ['accepted'], 'delete')
  const parts = [
    [run.accepted - removed, 'sent'],
    [removed, 'removed'],
    [run.skipped, 'skipped'],
    [run.rejected, 'rejected'],
    [run.unknown, 'unknown'],
    [run.planned.invalid, 'invalid'],
  ] as const
  const said = parts.filter(([rows]) => rows > 0).map(([rows, word]) => `${rows} ${word}`)
  return said.length === 0 ? 'nothing to send' : said.join(', ')
}

export function metadataOf(run: SyncRunRow, fates: readonly FateCount[]): JsonObject {
  const { planned, sent, accepted, skipped, rejected, unknown } = run
  return {
    syncRun: run.syncRun,
    mode: run.mode,
    ...planned,
    batches: run.batches,
    sent,
    accepted,
    deleted: total(fates, ['accepted'], 'delete'),
    skipped,
    rejected,
    unknown,
  }
}

function total(fates: readonly FateCount[], wanted: readonly string[], operation?: string): number {
  return fates
    .filter((count) => wanted.includes(count.fate) && (operation === undefined || count.operation === operation))
    .reduce((sum, { rows }) => sum + rows, 0)
}
