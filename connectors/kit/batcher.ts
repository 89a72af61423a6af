import {
  parseLine,
  type AirbyteMessage,
  type AirbyteRecordMessage,
  type AirbyteStateMessage,
  type ConfiguredAirbyteCatalog,
  type ConfiguredAirbyteStream,
  type RowIssue,
} from '../protocol/index.ts'
import type { BatchLimits, Rows } from './definition.ts'
import { notAMessage, PendingRows } from './rows.ts'

/** A batch or a part of one, as it is to be written. */
export interface Part {
  readonly rows: readonly Rows[]
  /** Rows that no configured stream takes. */
  readonly strays: readonly RowIssue[]
  readonly final: boolean
  readonly id: string | null
  /** To be sent back once the part is written. */
  readonly state: AirbyteStateMessage | null
}

/** Groups lines of input into batches: everything up to a STATE, in parts if it grows beyond the limits. */
export class Batcher {
  readonly #streams: ReadonlyMap<string, ConfiguredAirbyteStream>
  readonly #limits: BatchLimits
  #rows: PendingRows[] = []
  #current: PendingRows | undefined
  #strays: RowIssue[] = []
  /** Rows since the last STATE, and bytes since the last part. */
  #ordinal = 0
  #count = 0
  #bytes = 0

  constructor(catalog: ConfiguredAirbyteCatalog, limits: BatchLimits) {
    this.#streams = new Map(
      catalog.streams.flatMap((stream) => [
        [key(stream.stream.name, null), stream],
        [key(stream.stream.name, stream.stream.namespace), stream],
      ]),
    )
    this.#limits = limits
  }

  /** Takes a line; answers the part that it completes, if it does. */
  add(line: string): Part | null {
    if (this.#current?.takeLine(line) === true) return this.#added(line)
    const incoming = parseLine(line)
    if (incoming.kind === 'garbage') throw notAMessage()
    return this.#addMessage(incoming.message, line)
  }

  #addMessage(message: AirbyteMessage, line: string): Part | null {
    if (message.type === 'STATE') return this.#cut(true, message.state)
    if (message.type !== 'RECORD') return null
    this.#addRecord(message.record, line)
    return this.#added(line)
  }

  #addRecord(record: AirbyteRecordMessage, line: string): void {
    const { stream: name, namespace } = record
    const stream = this.#streams.get(key(name, namespace))
    if (stream === undefined) {
      const message = 'The catalog has no stream of this name.'
      this.#strays.push({ ordinal: this.#ordinal, code: 'unknown_stream', message })
      this.#current = undefined
      return
    }
    if (this.#current?.stream !== stream) {
      this.#current = new PendingRows(stream, this.#ordinal)
      this.#rows.push(this.#current)
    }
    if (!this.#current.takeLine(line)) this.#current.take(record)
  }

  #added(line: string): Part | null {
    this.#ordinal += 1
    this.#count += 1
    this.#bytes += line.length
    return this.#count >= this.#limits.rows || this.#bytes >= this.#limits.bytes ? this.#cut(false, null) : null
  }

  /**
   * At the end of the input: rows that no STATE closed. Their sender either sends none at all, or was cut off, which
   * `operation` on a stream tells apart.
   */
  end(): { readonly part: Part | null; readonly cutOff: number } {
    if (this.#ordinal === 0) return { part: null, cutOff: 0 }
    const promised = [...this.#streams.values()].some((stream) => stream.operation != null)
    return promised ? { part: null, cutOff: this.#ordinal } : { part: this.#cut(true, null), cutOff: 0 }
  }

  #cut(final: boolean, state: AirbyteStateMessage | null): Part {
    const part: Part = { rows: this.#rows, strays: this.#strays, final, id: batchId(state), state }
    this.#rows = []
    this.#current = undefined
    this.#strays = []
    this.#count = 0
    this.#bytes = 0
    if (final) this.#ordinal = 0
    return part
  }
}

function key(name: string, namespace: string | null | undefined): string {
  return `${namespace ?? ''}\0${name}`
}

function batchId(state: AirbyteStateMessage | null): string | null {
  const blob = state?.stream?.stream_state ?? state?.global?.shared_state
  const id = blob?.['id']
  return typeof id === 'string' ? id : null
}
