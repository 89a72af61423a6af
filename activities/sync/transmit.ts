import type { Acknowledgement, OutgoingBatch, WriteSession } from '../../connectors/driver/index.ts'

/** Something on its way to the destination, and what the sender keeps of it until it is acknowledged. */
export interface Outgoing<Kept> {
  readonly message: OutgoingBatch
  readonly kept: Kept
}

/**
 * Sends through a session, with at most `inFlight` batches under way, and hands on each acknowledgement with what was
 * kept of its batch. When this has settled the session is closed, and nothing is handed on any more.
 */
export async function transmit<Kept>(
  session: WriteSession,
  outgoing: AsyncIterable<Outgoing<Kept>>,
  inFlight: number,
  onAcknowledged: (ack: Acknowledgement, kept: Kept) => Promise<void>,
): Promise<void> {
  const waiting = new Map<number, Kept>()
  let onRoom: () => void = () => undefined
  const reading = (async () => {
    for await (const ack of session.acknowledgements) {
      const kept = waiting.get(ack.batch)
      waiting.delete(ack.batch)
      if (kept !== undefined) await onAcknowledged(ack, kept)
      onRoom()
    }
  })()
  // Thrown where it is awaited, which may be later.
  reading.catch(() => undefined)
  const next = outgoing[Symbol.asyncIterator]()
  try {
    for (;;) {
      // Room comes first: taking the next batch claims it in the journal, and what is claimed has to leave.
      if (waiting.size >= inFlight) await Promise.race([new Promise<void>((resolve) => (onRoom = resolve)), reading])
      const { done, value } = await next.next()
      if (done === true) break
      waiting.set(value.message.batch, value.kept)
      await Promise.race([session.send(value.message), reading])
    }
    session.end()
    await reading
  } finally {
    await next.return?.()
    await session.close()
    await reading.catch(() => undefined)
  }
}
