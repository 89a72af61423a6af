import type { SyncException } from '../../orchestrator/store/store.ts'
import { withoutRows } from '../../orchestrator/process/index.ts'
import type { Acknowledgement, RowException } from '../../connectors/driver/index.ts'

/** What an acknowledgement says of the rows that were sent: what became of each, or that some were not taken. */
export type Reading =
  { readonly type: 'told'; readonly exceptions: readonly SyncException[] } | { readonly type: 'doubtful' }

const maxMessage = 500

/**
 * A row that goes to several streams is rejected if one of them rejects it. Whether it was skipped is for the sync's own
 * stream to say: only that one's rows are kept in the ledger.
 *
 * @param ordinals Of each record that was sent, in order, its row's ordinal.
 * @param alone Nothing else was sent through the session, so that its counts are this batch's.
 * @param own How many records, from the first, are of the sync's own stream.
 */
export function readAcknowledgement(
  ack: Acknowledgement,
  ordinals: readonly number[],
  alone: boolean,
  own: number = ordinals.length,
): Reading {
  const { detailed, recordCount, rejectedRecordCount, rejected, skipped } = ack
  if (detailed || rejectedRecordCount === 0) {
    const ownSkipped = skipped.filter(({ ordinal }) => ordinal < own)
    return {
      type: 'told',
      exceptions: onceEach([
        ...rejected.map((row) => exception(row, 'rejected', ordinals)),
        ...ownSkipped.map((row) => exception(row, 'skipped', ordinals)),
      ]),
    }
  }
  const exact = alone || recordCount !== null
  const single = ordinals.every((ordinal) => ordinal === ordinals[0])
  if (!exact || (rejectedRecordCount < ordinals.length && !single)) return { type: 'doubtful' }
  return { type: 'told', exceptions: onceEach(ordinals.map(rejectedWithoutReason)) }
}

/** The first that is said of each row. */
function onceEach(exceptions: readonly SyncException[]): readonly SyncException[] {
  const known = new Set<number>()
  return exceptions.filter(({ ordinal }) => !known.has(ordinal) && known.add(ordinal))
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
