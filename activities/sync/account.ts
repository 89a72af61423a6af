import type { CheckResult, JsonObject } from '../../orchestrator/contract/index.ts'
import { TraitlineError } from '../../orchestrator/contract/index.ts'
import type { SyncRunRow } from '../../orchestrator/store/store.ts'
import { removals } from '../../orchestrator/sql/sync-compare.ts'

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

/** A sync run at its end: its accounting by the journal and by the warehouse, and rows that nobody can tell of. */
export interface Account {
  readonly run: SyncRunRow
  readonly fates: readonly FateCount[]
  /** With those of earlier sync runs. */
  readonly parked: number
}

/** One clause for people: `29 sent, 1 removed, 2 rejected`. */
export function summaryOf({ run, fates, parked }: Account): string {
  const removed = removedRows(fates)
  const parts = [
    [run.accepted - removed, 'sent'],
    [removed, 'removed'],
    [run.skipped, 'skipped'],
    [run.rejected, 'rejected'],
    [run.unknown, 'unknown'],
    [run.planned.invalid, 'invalid'],
    [run.planned.withheld ?? 0, 'without consent'],
  ] as const
  const said = parts.filter(([rows]) => rows > 0).map(([rows, word]) => `${rows} ${word}`)
  if (said.length === 0) said.push('nothing to send')
  const { waiting = 0, left = 0, removalsWaiting = 0, removalsLeft = 0 } = run.planned
  if (waiting + removalsWaiting > 0) said.push(`${waiting + removalsWaiting} rejected before wait`)
  if (left + removalsLeft > 0) said.push(`${left + removalsLeft} left for another run`)
  if (parked > run.unknown) said.push(`${parked - run.unknown} still unknown from before`)
  return said.join(', ')
}

/** Fails, as a warning, while there are rows whose outcome is unknown and which are not sent again by themselves. */
export function parkedCheck(sync: string, parked: number): CheckResult {
  const message =
    `Whether ${parked} rows reached the destination is not known. They are not sent again by themselves;` +
    ` to send them again: traitline sync resend-unknown ${sync}`
  const passed = parked === 0
  return { name: 'unknown_rows', severity: 'warn', passed, failures: parked, message: passed ? null : message }
}

export function metadataOf({ run, fates, parked }: Account): JsonObject {
  const { planned, sent, accepted, skipped, rejected, unknown } = run
  return {
    syncRun: run.syncRun,
    mode: run.mode,
    ...planned,
    batches: run.batches,
    sent,
    accepted,
    deleted: removedRows(fates),
    skipped,
    rejected,
    unknown,
    unknownInAll: parked,
  }
}

function removedRows(fates: readonly FateCount[]): number {
  return removals.reduce((sum, operation) => sum + total(fates, ['accepted'], operation), 0)
}

function total(fates: readonly FateCount[], wanted: readonly string[], operation?: string): number {
  return fates
    .filter((count) => wanted.includes(count.fate) && (operation === undefined || count.operation === operation))
    .reduce((sum, { rows }) => sum + rows, 0)
}
