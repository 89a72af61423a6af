import type { AirbyteRecordMessage, AirbyteStateMessage, ConfiguredAirbyteCatalog } from '../protocol/messages.ts'

/** How a destination's program is started: a command line, however it was found or installed. */
export interface ConnectorCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export interface WriteOptions {
  readonly command: ConnectorCommand
  /** Written to an owner-only file that is gone when the session ends. */
  readonly config: Readonly<Record<string, unknown>>
  readonly catalog: ConfiguredAirbyteCatalog
  /** The destination's own output, LOG and TRACE included, a line at a time, secrets of `config` masked. */
  readonly onLog: (line: { readonly level: string; readonly text: string }) => void
  /** Without an acknowledgement or a line of output for so long, the program is taken to hang. */
  readonly idleTimeoutMs: number
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
  readonly recordCount: number | null
  readonly rejectedRecordCount: number
  readonly rejected: readonly RowException[]
  readonly skipped: readonly RowException[]
}

export interface OutgoingBatch {
  readonly batch: number
  readonly records: readonly AirbyteRecordMessage[]
  readonly state: AirbyteStateMessage
}

/**
 * A running `write`. Batches may be sent ahead of acknowledgements; `send` resolves when the pipe has room.
 * Every failure is a TraitlineError: CONNECTOR_EXITED, CONNECTOR_TIMEOUT, CONNECTOR_GARBAGE, CONNECTOR_UNACKNOWLEDGED ...
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
