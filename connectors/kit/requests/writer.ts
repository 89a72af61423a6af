import type { ConfiguredAirbyteCatalog, ConfiguredAirbyteStream } from '../../protocol/index.ts'
import type { Batch, BatchResult, DestinationWriter, Rows } from '../definition.ts'
import { pieces } from '../pieces.ts'
import { Outcomes, type PlacedRow } from '../placed.ts'
import { inParallel } from './in-parallel.ts'
import { sendJudged, type Refusal, type Verdict } from './verdict.ts'

/** A row as a vendor wants it, or why it cannot be that. */
export type Prepared<Item> = { readonly item: Item } | { readonly refusal: Refusal }

export function prepared<Item>(item: Item): Prepared<Item> {
  return { item }
}

export function refuse(code: string, message: string): { readonly refusal: Refusal } {
  return { refusal: { code, message } }
}

/** A row, and when its batch was sent first: the same time when the batch is sent again. */
export interface SentRow extends PlacedRow {
  readonly emittedAt: number
}

/** How rows of a stream go to a vendor that takes many in one request. */
export interface Sending<Item = unknown> {
  readonly limits: {
    /** Items of a request. */
    readonly count: number
    /** Of a request's items together, as JSON. */
    readonly bytes: number
    /** Of an item alone; a larger one is refused before it is sent. */
    readonly itemBytes: number
  }
  prepare(row: SentRow, batch: Batch): Prepared<Item>
  send(items: readonly Item[]): Promise<Verdict>
}

/** Keeps the type of the items between the two halves of a sending, which those who use it need not know. */
export function sending<Item>(of: Sending<Item>): Sending {
  return of as Sending
}

interface Packed {
  readonly ordinal: number
  readonly item: unknown
  readonly bytes: number
}

/**
 * Writes to vendors that take many rows in one request: cuts a batch's rows into requests within the vendor's limits,
 * sends several at once, and finds the right row for each complaint. Runs of rows of one stream go in their order.
 */
export class RequestWriter implements DestinationWriter {
  readonly #sendings: ReadonlyMap<ConfiguredAirbyteStream, Sending>
  readonly #parallel: number

  /** `sendingOf` is asked once for each stream, and throws if the stream cannot be written. */
  constructor(
    { streams }: ConfiguredAirbyteCatalog,
    sendingOf: (stream: ConfiguredAirbyteStream) => Sending,
    parallel: number,
  ) {
    this.#sendings = new Map(streams.map((stream) => [stream, sendingOf(stream)]))
    this.#parallel = parallel
  }

  async write(batch: Batch): Promise<BatchResult> {
    const outcomes = new Outcomes()
    for (const rows of batch.rows) {
      const sending = this.#sendings.get(rows.stream) as Sending
      const requests = pieces(packed(rows, batch, sending, outcomes), sending.limits, ({ bytes }) => bytes)
      await inParallel(requests, this.#parallel, (request) =>
        sendJudged(request, (some) => sending.send(some.map(({ item }) => item)), {
          taken: (count) => outcomes.accept(count),
          refused: (one, { code, message, skipped }) => outcomes[skipped ? 'skip' : 'reject'](one, code, message),
        }),
      )
    }
    return outcomes.result()
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }
}

function* packed(rows: Rows, batch: Batch, to: Sending, outcomes: Outcomes): Generator<Packed> {
  const { stream, first, emittedAt } = rows
  for (const [index, value] of rows.values.entries()) {
    const row: SentRow = { stream, ordinal: first + index, value, emittedAt }
    const made = to.prepare(row, batch)
    if ('refusal' in made) {
      outcomes.reject(row, made.refusal.code, made.refusal.message)
      continue
    }
    // And the comma between two items.
    const bytes = Buffer.byteLength(JSON.stringify(made.item)) + 1
    if (bytes - 1 > to.limits.itemBytes) {
      outcomes.reject(row, 'too_large', `The row has more than the ${to.limits.itemBytes} bytes that are allowed.`)
      continue
    }
    yield { ordinal: row.ordinal, item: made.item, bytes }
  }
}
