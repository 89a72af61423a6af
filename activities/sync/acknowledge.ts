import type { SyncException } from '../../orchestrator/store/store.ts'
import { withoutRows } from '../../orchestrator/process/index.ts'
import type { Acknowledgement, RowException } from '../../connectors/driver/index.ts'

/** What an acknowledgement says of the rows that were sent: what became of each, or that some were not taken. */
export type Reading =
  { readonly type: 'told'; readonly exceptions: readonly SyncException[] } | { readonly type: 'doubtful' }

const maxMessage = 500

/**
 * @param ordinals Of each row that was sent, in order, its ordinal.
 * @param alone Nothing else was sent through the session, so that its counts are this batch's.
 */
export function readAcknowledgement(ack: Acknowledgement, ordinals: readonly number[], alone: boolean): Reading {
  const { detailed, recordCount, rejectedRecordCount, rejected, skipped } = ack
  if (detailed || rejectedRecordCount === 0) {
    const exceptions = [
      ...rejected.map((row) => exception(row, 'rejected', ordinals)),
      ...skipped.map((row) => exception(row, 'skipped', ordinals)),
    ]
    return { type: 'told', exceptions }
  }
  const exact = alone || recordCount !== null
  if (!exact || rejectedRecordCount < ordinals.length) return { type: 'doubtful' }
  return { type: 'told', exceptions: ordinals.map(rejectedWithoutReason) }
}

/** The destination counted it as rejected and did not say why. */
function rejectedWithoutReason(ordinal: number): SyncException {
  return { ordinal, fate: 'rejected', code: 'REJECTED', message: 'The destination rejected it without a reason.' }
}

export function outcomeUnknown(ordinal: number, code: string, message: string): SyncException {
  return { ordinal, fate: 'unknown', code, message }
}

/** The driver answers for it that rows are named once, and are rows that were sent. */
function exception(row: RowException, fate: 'rejected' | 'skipped', ordinals: readonly number[]): SyncException {
  return {
    ordinal: ordinals[row.ordinal] ?? 0,
    fate,
    code: row.code,
    message: withoutRows(row.message).slice(0, maxMessage),
  }
}
