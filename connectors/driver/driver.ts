import type { AirbyteStateMessage, ConfiguredAirbyteCatalog, ConnectorSpecification } from '../protocol/messages.ts'
import type { RateLimits } from './rate-limits.ts'
import type { WrittenRecord } from '../protocol/writer.ts'

/** How a destination's program is started: a command line, however it was found or installed. */
export interface ConnectorCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Set if `command` is a container engine: the image that it runs. */
  readonly image?: string
  /** What messages call it. */
  readonly name?: string
}

export interface LogLine {
  readonly level: string
  readonly text: string
}

export interface WriteOptions {
  readonly command: ConnectorCommand
  /** Written to an owner-only file that is gone when the session ends. */
  readonly config: Readonly<Record<string, unknown>>
  readonly catalog: ConfiguredAirbyteCatalog
  /** The destination's own output, LOG and TRACE included, a line at a time, secrets of `config` masked. */
  readonly onLog: (line: LogLine) => void
  /** More values to mask than those that the connector's spec marks: what came from the environment. */
  readonly secrets?: readonly string[]
  /** What the program answers to `spec`, if it was asked already; otherwise it is asked first. */
  readonly spec?: ConnectorSpecification
  /** Without an acknowledgement or a line of output for so long, the program is taken to hang. */
  readonly idleTimeoutMs: number
  /** Rates that the program keeps to together with others, if it is written with the kit. Not offered to an image. */
  readonly rateLimits?: RateLimits
  /** Kills the program and its children. */
  readonly signal?: AbortSignal
}

/** One row that the destination did not take. `ordinal` counts from 0 within the batch. */
export interface RowException {
  readonly ordinal: number
  readonly code: string
  readonly message: string
}

/** What a STATE message that came back says of its batch. */
export interface Acknowledgement {
  readonly batch: number
  /** True if the destination names rejected and skipped rows; otherwise only the counts hold. */
  readonly detailed: boolean
  /** Null if the destination does not count. */
  readonly recordCount: number | null
  /**
   * Rows that were not written, as far as counts tell. A destination that counts less than it was sent, or covers
   * several batches with one STATE, raises it: it is then an upper bound.
   */
  readonly rejectedRecordCount: number
  readonly rejected: readonly RowException[]
  readonly skipped: readonly RowException[]
  /** What the program counted of its requests since it was last heard of; absent where it counts none. */
  readonly requests?: number
  /** Requests that were refused for their rate. */
  readonly throttled?: number
  /** Requests that were made again. */
  readonly retried?: number
  /** Of request bodies. */
  readonly bytes?: number
}

export interface OutgoingBatch {
  readonly batch: number
  readonly records: readonly WrittenRecord[]
  readonly state: AirbyteStateMessage
}

/**
 * A running `write`. Batches may be sent ahead of acknowledgements; `send` resolves when the pipe has room. The caller
 * bounds how many are under way: some destinations acknowledge only what is behind them, others nothing before `end`.
 *
 * Every failure is a TraitlineError, thrown by `send` and by the acknowledgements after those that had arrived:
 *
 * | code | the program |
 * |---|---|
 * | CONNECTOR_NOT_FOUND | could not be started |
 * | CONNECTOR_CONFIG_INVALID | would not accept the configuration, by its own spec |
 * | CONNECTOR_CONFIG_REFUSED | says that the configuration is wrong (TRACE config_error) |
 * | CONNECTOR_EXITED | left with an error, or before its input ended |
 * | CONNECTOR_KILLED | died by a signal |
 * | CONNECTOR_INPUT_CLOSED | stopped reading |
 * | CONNECTOR_TIMEOUT | neither read nor acknowledged nor said anything for too long |
 * | CONNECTOR_GARBAGE | printed things that are no messages, and acknowledged nothing |
 * | CONNECTOR_UNACKNOWLEDGED | left without having acknowledged everything |
 * | CONNECTOR_STATE_UNKNOWN | acknowledged a batch that it was not sent, or one twice |
 * | CONNECTOR_COUNT_MISMATCH | accounts for rows that it was not sent |
 * | CONNECTOR_CANCELLED | was stopped by the caller's signal |
 */
export interface WriteSession {
  send(batch: OutgoingBatch): Promise<void>
  /** In order of batches. Ends when the program has ended well. */
  readonly acknowledgements: AsyncIterable<Acknowledgement>
  /** Closes the program's input: it finishes what it has and leaves. */
  end(): void
  /** Kills the program if it still runs; always safe to call. */
  close(): Promise<void>
}
