/**
 * The messages of the Airbyte protocol 0.3.2, as this project declares them: one JSON object a line, on standard
 * input and output of a connector. `contract/airbyte_protocol.yaml` is the protocol's own declaration, and the tests
 * hold every message that is emitted here against it.
 *
 * Real peers send an explicit null for whatever is unset, so readers take null and absent alike.
 */

export type JsonData = { readonly [name: string]: unknown }

export const destinationSyncModes = ['append', 'overwrite', 'append_dedup', 'update', 'soft_delete'] as const
export type DestinationSyncMode = (typeof destinationSyncModes)[number]

export interface AirbyteRecordMessage {
  readonly stream: string
  readonly namespace?: string | null
  readonly data: JsonData
  /** Milliseconds since 1970. */
  readonly emitted_at: number
}

export interface StreamDescriptor {
  readonly name: string
  readonly namespace?: string | null
}

export interface AirbyteStreamState {
  readonly stream_descriptor: StreamDescriptor
  readonly stream_state?: JsonData | null
}

/** A row that a destination did not write, beside the protocol's counts. `ordinal` counts from 0 since the STATE before. */
export interface RowIssue {
  readonly ordinal: number
  readonly code: string
  readonly message: string
}

export interface AirbyteStateStats {
  readonly recordCount?: number | null
  readonly rejectedRecordCount?: number | null
  /** Not in the protocol, which allows additions: which rows were rejected, and why. */
  readonly rejected?: readonly RowIssue[] | null
  /** Not in the protocol: rows left out on purpose, such as an insert whose key is there already. */
  readonly skipped?: readonly RowIssue[] | null
  /** Not in the protocol: what it took since the STATE before. Requests to the vendor, those of them that its rate
   * limit turned away, those that were made again, and bytes of their bodies. */
  readonly requests?: number | null
  readonly throttled?: number | null
  readonly retried?: number | null
  readonly bytes?: number | null
}

/** Closes a batch: comes back from the destination when everything before it is durable. */
export interface AirbyteStateMessage {
  readonly type?: 'GLOBAL' | 'STREAM' | 'LEGACY' | null
  readonly stream?: AirbyteStreamState | null
  readonly global?: {
    readonly shared_state?: JsonData | null
    readonly stream_states: readonly AirbyteStreamState[]
  } | null
  readonly data?: JsonData | null
  readonly sourceStats?: AirbyteStateStats | null
  readonly destinationStats?: AirbyteStateStats | null
}

export const logLevels = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'] as const
export type LogLevel = (typeof logLevels)[number]

export interface AirbyteLogMessage {
  readonly level: LogLevel
  readonly message: string
  readonly stack_trace?: string | null
}

export type FailureType = 'system_error' | 'config_error' | 'transient_error'

export interface AirbyteTraceMessage {
  readonly type: 'ERROR' | 'ESTIMATE' | 'STREAM_STATUS' | 'ANALYTICS'
  /** Milliseconds since 1970. */
  readonly emitted_at: number
  readonly error?: {
    readonly message: string
    readonly internal_message?: string | null
    readonly stack_trace?: string | null
    readonly failure_type?: FailureType | null
    readonly stream_descriptor?: StreamDescriptor | null
  } | null
  readonly stream_status?: {
    readonly stream_descriptor: StreamDescriptor
    readonly status: 'STARTED' | 'RUNNING' | 'COMPLETE' | 'INCOMPLETE'
  } | null
}

export interface AirbyteControlMessage {
  readonly type: 'CONNECTOR_CONFIG'
  readonly emitted_at: number
  readonly connectorConfig?: { readonly config: JsonData } | null
}

export interface ConnectorSpecification {
  readonly documentationUrl?: string | null
  /** JSON Schema of the configuration; `airbyte_secret: true` marks what must not be shown. */
  readonly connectionSpecification: JsonData
  readonly supportsIncremental?: boolean | null
  readonly supported_destination_sync_modes?: readonly DestinationSyncMode[] | null
  readonly protocol_version?: string | null
}

export interface AirbyteConnectionStatus {
  readonly status: 'SUCCEEDED' | 'FAILED'
  readonly message?: string | null
}

export interface AirbyteStream {
  readonly name: string
  readonly namespace?: string | null
  readonly json_schema: JsonData
  readonly supported_sync_modes: readonly ('full_refresh' | 'incremental')[]
}

/**
 * What a row means, where the protocol's sync modes are too coarse: an addition of this project. `add` and `remove` are
 * of lists that have members, and carry nothing but what identifies one.
 */
export const rowOperations = ['upsert', 'update', 'insert', 'append', 'delete', 'add', 'remove'] as const
export type RowOperation = (typeof rowOperations)[number]

export interface ConfiguredAirbyteStream {
  readonly stream: AirbyteStream
  readonly sync_mode: 'full_refresh' | 'incremental'
  readonly destination_sync_mode: DestinationSyncMode
  /** The destination's object; without it the stream's name. */
  readonly destination_object_name?: string | null
  readonly primary_key?: readonly (readonly string[])[] | null
  readonly cursor_field?: readonly string[] | null
  readonly generation_id?: number | null
  readonly minimum_generation_id?: number | null
  readonly sync_id?: number | null
  /**
   * Not in the protocol. A sender that sets it promises a STATE after each batch, so rows without one are a batch that
   * was cut off, and are not written.
   */
  readonly operation?: RowOperation | null
}

export interface ConfiguredAirbyteCatalog {
  readonly streams: readonly ConfiguredAirbyteStream[]
}

export interface DestinationOperation {
  readonly object_name: string
  readonly sync_mode: DestinationSyncMode
  readonly json_schema: JsonData
  readonly matching_keys?: readonly (readonly string[])[] | null
  /** Not in the protocol: the row operations that this sync mode is offered for. */
  readonly row_operations?: readonly RowOperation[]
  /** Not in the protocol: how many rows a batch of this object should have at most, if other than the catalog's. */
  readonly recommended_batch_size?: number
}

export interface DestinationCatalog {
  readonly operations: readonly DestinationOperation[]
  /** Not in the protocol: whether a batch whose outcome is unknown may be sent again under the same id. */
  readonly idempotent?: boolean
  /** Not in the protocol: how many rows a batch should have at most. */
  readonly recommended_batch_size?: number
}

export type AirbyteMessage =
  | { readonly type: 'RECORD'; readonly record: AirbyteRecordMessage }
  | { readonly type: 'STATE'; readonly state: AirbyteStateMessage }
  | { readonly type: 'LOG'; readonly log: AirbyteLogMessage }
  | { readonly type: 'TRACE'; readonly trace: AirbyteTraceMessage }
  | { readonly type: 'CONTROL'; readonly control: AirbyteControlMessage }
  | { readonly type: 'SPEC'; readonly spec: ConnectorSpecification }
  | { readonly type: 'CONNECTION_STATUS'; readonly connectionStatus: AirbyteConnectionStatus }
  | { readonly type: 'DESTINATION_CATALOG'; readonly destination_catalog: DestinationCatalog }
  | { readonly type: 'CATALOG'; readonly catalog: { readonly streams: readonly AirbyteStream[] } }

/** Under which name each type of message carries its content. */
export const bodyNames = {
  RECORD: 'record',
  STATE: 'state',
  LOG: 'log',
  TRACE: 'trace',
  CONTROL: 'control',
  SPEC: 'spec',
  CONNECTION_STATUS: 'connectionStatus',
  DESTINATION_CATALOG: 'destination_catalog',
  CATALOG: 'catalog',
} as const satisfies Record<AirbyteMessage['type'], string>
