import type { Readable } from 'node:stream'
import {
  defaultMaxLineBytes,
  LineSplitter,
  type AirbyteStateMessage,
  type AirbyteStreamState,
  type RowIssue,
} from '../protocol/index.ts'
import type { Batcher } from './batcher.ts'
import { type Part } from './batcher.ts'
import type { Batch, BatchResult, DestinationWriter } from './definition.ts'
import { systemError, transientError } from './errors.ts'
import type { Meter } from './meter.ts'

export interface WriteLoop {
  readonly input: Readable
  readonly batcher: Batcher
  readonly writer: DestinationWriter
  readonly meter: Meter
  readonly signal: AbortSignal
  readonly acknowledge: (state: AirbyteStateMessage) => void
}

/**
 * Reads batches and writes them one at a time, in order, while the next is already read: no more than that, so a slow
 * destination stops the reading. A STATE goes back when all rows before it are written, and not otherwise.
 */
export async function writeLoop({ input, batcher, writer, meter, signal, acknowledge }: WriteLoop): Promise<void> {
  const account = new Account(writer, meter, acknowledge)
  let underWay: Promise<void> = Promise.resolve()
  const start = async (part: Part | null): Promise<void> => {
    if (part === null) return
    await underWay
    if (signal.aborted) return
    underWay = account.write(part)
    // Ends the reading at once; what failed is thrown where it is awaited.
    underWay.catch((error: unknown) => input.destroy(error as Error))
  }
  const onAbort = (): void => void input.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  const splitter = new LineSplitter(defaultMaxLineBytes, () => {
    throw systemError(`A line of the input is longer than ${defaultMaxLineBytes} bytes.`)
  })
  try {
    for await (const chunk of input) for (const line of splitter.push(chunk as Buffer)) await start(batcher.add(line))
    if (signal.aborted) return
    await start(lastLine(splitter, batcher))
    const { part, cutOff } = batcher.end()
    await start(part)
    await underWay
    if (cutOff > 0) throw cutOffError(cutOff)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    await underWay.catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

/** A last line without its end is a message all the same if it is whole; otherwise the sender was cut off in it. */
function lastLine(splitter: LineSplitter, batcher: Batcher): Part | null {
  const line = splitter.end()
  if (line === null) return null
  try {
    JSON.parse(line)
  } catch {
    throw transientError(
      'The input ends in the middle of a line: the sender was cut off. The rows after the last STATE are not written.',
    )
  }
  return batcher.add(line)
}

function cutOffError(rows: number): Error {
  return transientError(`The input ended before the STATE that closes a batch: its ${rows} rows are not written.`)
}

/** Sums up the parts of a batch. */
class Account {
  readonly #writer: DestinationWriter
  readonly #meter: Meter
  readonly #acknowledge: (state: AirbyteStateMessage) => void
  #sent = 0
  #accepted = 0
  #rejected: RowIssue[] = []
  #skipped: RowIssue[] = []

  constructor(writer: DestinationWriter, meter: Meter, acknowledge: (state: AirbyteStateMessage) => void) {
    this.#writer = writer
    this.#meter = meter
    this.#acknowledge = acknowledge
  }

  async write({ rows, strays, final, id, state }: Part): Promise<void> {
    const given = rows.reduce((sum, { count }) => sum + count, 0)
    this.#rejected.push(...strays)
    this.#sent += given + strays.length
    // An empty batch has nothing to be made durable, unless it ends one whose parts were written.
    if (given > 0 || (final && this.#sent > strays.length)) this.#add(given, await this.#write({ id, final, rows }))
    if (!final) return
    if (this.#accepted + this.#rejected.length + this.#skipped.length !== this.#sent) throw unbalanced()
    if (state !== null) this.#acknowledge({ ...withoutUnset(state), destinationStats: this.#stats() })
    this.#sent = 0
    this.#accepted = 0
    this.#rejected = []
    this.#skipped = []
  }

  #write(batch: Batch): Promise<BatchResult> {
    return this.#writer.write(batch)
  }

  #add(given: number, { accepted, rejected, skipped }: BatchResult): void {
    if (accepted + rejected.length + skipped.length !== given) throw unbalanced()
    this.#accepted += accepted
    for (const issue of rejected) this.#rejected.push(issue)
    for (const issue of skipped) this.#skipped.push(issue)
  }

  #stats(): NonNullable<AirbyteStateMessage['destinationStats']> {
    const byOrdinal = (a: RowIssue, b: RowIssue): number => a.ordinal - b.ordinal
    return {
      recordCount: this.#sent,
      rejectedRecordCount: this.#rejected.length,
      rejected: this.#rejected.sort(byOrdinal),
      skipped: this.#skipped.sort(byOrdinal),
      ...this.#meter.take(),
    }
  }
}

/** Some senders write a null for what is unset, which the protocol's declaration does not allow us to repeat. */
function withoutUnset(state: AirbyteStateMessage): AirbyteStateMessage {
  const { stream, global, ...rest } = state
  return dropNulls({
    ...rest,
    ...(stream == null ? {} : { stream: streamWithoutUnset(stream) }),
    ...(global == null
      ? {}
      : { global: dropNulls({ ...global, stream_states: global.stream_states.map(streamWithoutUnset) }) }),
  })
}

function streamWithoutUnset({ stream_descriptor, ...rest }: AirbyteStreamState): AirbyteStreamState {
  return dropNulls({ stream_descriptor: dropNulls(stream_descriptor), ...rest })
}

function dropNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null)) as T
}

function unbalanced(): Error {
  return systemError('The destination accounted for more or fewer rows than it was given: this is a defect of it.')
}
