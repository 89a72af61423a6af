import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { bodyNames, type AirbyteMessage, type AirbyteRecordMessage } from './messages.ts'

const chunkChars = 128 * 1024

/** A record whose data its sender has as JSON text already. */
export interface WrittenRecord extends AirbyteRecordMessage {
  readonly text?: string
}

/** A message as its line. */
export function formatMessage(message: AirbyteMessage): string {
  if (message.type === 'RECORD') return formatRecord(message.record)
  return `${JSON.stringify(message)}\n`
}

/** The members in a fixed order, which readers of this project know by heart (see the kit's record lines). */
function formatRecord(record: WrittenRecord): string {
  const { stream, namespace, data, emitted_at, text = JSON.stringify(data) } = record
  const space = namespace == null ? '' : `"namespace":${JSON.stringify(namespace)},`
  return `{"type":"RECORD","${bodyNames.RECORD}":{${space}"stream":${JSON.stringify(stream)},"data":${text},"emitted_at":${emitted_at}}}\n`
}

/**
 * Writes messages in chunks, and waits while the reader at the other end does not keep up.
 * Rejects with the stream's own error when it breaks.
 */
export async function writeMessages(stream: Writable, messages: Iterable<AirbyteMessage>): Promise<void> {
  let chunk = ''
  for (const message of messages) {
    chunk += formatMessage(message)
    if (chunk.length >= chunkChars) {
      await writeChunk(stream, chunk)
      chunk = ''
    }
  }
  if (chunk !== '') await writeChunk(stream, chunk)
}

async function writeChunk(stream: Writable, chunk: string): Promise<void> {
  if (stream.destroyed || stream.writableEnded) throw stream.errored ?? new Error('the stream is closed')
  if (stream.write(chunk)) return
  const gone = new AbortController()
  const onClose = (): void => gone.abort()
  stream.once('close', onClose)
  try {
    await once(stream, 'drain', { signal: gone.signal })
  } catch (error) {
    throw stream.errored ?? (gone.signal.aborted ? new Error('the stream was closed') : error)
  } finally {
    stream.off('close', onClose)
  }
}
