import type { SyncMode } from '../../orchestrator/contract/index.ts'
import { harmlessOperations } from '../../orchestrator/sql/sync-compare.ts'
import type { SyncJournal } from '../../orchestrator/store/store.ts'
import { outcomeUnknown } from './acknowledge.ts'
import type { Writer } from './book.ts'
import { operationsOf } from './catalog.ts'
import type { SyncSetup } from './setup.ts'

/** Whether what a mode sends may be sent again: twice the same upsert or removal does no harm. */
function harmlessTwice(mode: SyncMode): boolean {
  return operationsOf(mode).every((operation) => harmlessOperations.includes(operation))
}

/** Of all of a sync's streams; its own may have been sent with another mode than it has now. */
export function harmlessAgain(setup: SyncSetup, mode: SyncMode = setup.spec.mode): boolean {
  return [mode, ...(setup.also ?? []).map(({ spec }) => spec.mode)].every(harmlessTwice)
}

/**
 * Batches that left, from a sender that is gone, to a destination that would not know them again: whether their rows
 * arrived cannot be found out from here, so they are shown as unknown and not sent again.
 */
export async function parkIntents(journal: SyncJournal, writer: Writer): Promise<void> {
  for (const { batch, state, firstOrdinal, lastOrdinal } of await journal.batches(writer.syncRun)) {
    if (state !== 'intent') continue
    const rows = Array.from({ length: lastOrdinal - firstOrdinal + 1 }, (_, index) => firstOrdinal + index)
    const exceptions = rows.map((ordinal) =>
      outcomeUnknown(ordinal, 'OUTCOME_UNKNOWN', 'Sending was cut off before the destination answered.'),
    )
    await journal.acknowledge({ ...writer, batch, state: 'unknown', exceptions })
  }
}
