import type { ColumnType, StreamFieldSpec, SyncMode } from '../../orchestrator/contract/index.ts'
import { removals, type SyncOperation } from '../../orchestrator/sql/sync-compare.ts'
import type {
  AirbyteStateMessage,
  ConfiguredAirbyteCatalog,
  ConfiguredAirbyteStream,
  DestinationSyncMode,
  JsonData,
} from '../../connectors/protocol/index.ts'
import { modes } from './modes.ts'
import { streamsOf, type SyncSetup } from './setup.ts'

/** The configured stream that carries an operation: what is taken away from an object is a stream of its own. */
export function streamName(setup: SyncSetup, operation: SyncOperation): string {
  return removals.includes(operation) ? `${setup.stream.name}__${operation}` : setup.stream.name
}

/** Whether a row of this operation has only the fields of its key: nothing else is needed, or known of it any more. */
export function keyAlone({ spec }: SyncSetup, operation: SyncOperation): boolean {
  return operation === 'delete' || operation === modes[spec.mode].rules.removed
}

/** One configured stream for each operation that the mode of each of its streams can send. */
export function configuredCatalog(setup: SyncSetup): ConfiguredAirbyteCatalog {
  return {
    streams: streamsOf(setup).flatMap((stream) =>
      operationsOf(stream.spec.mode).map((operation) => configuredStream(stream, operation)),
    ),
  }
}

/** The operations of a mode, in the order in which a batch has them. */
export function operationsOf(mode: SyncMode): SyncOperation[] {
  const { added, changed, removed } = modes[mode].rules
  return [...new Set([removed, added, changed])].filter((operation) => operation !== null)
}

function configuredStream(setup: SyncSetup, operation: SyncOperation): ConfiguredAirbyteStream {
  const { stream } = setup
  const name = streamName(setup, operation)
  const keyed = stream.key.length > 0 && operation !== 'append'
  return {
    stream: { name, json_schema: jsonSchema(setup, operation), supported_sync_modes: ['full_refresh', 'incremental'] },
    sync_mode: 'incremental',
    destination_sync_mode: destinationSyncMode(operation, keyed),
    destination_object_name: stream.name,
    ...(keyed ? { primary_key: stream.key.map((field) => [field]) } : {}),
    cursor_field: [],
    generation_id: 0,
    minimum_generation_id: 0,
    sync_id: 0,
    operation,
  }
}

function destinationSyncMode(operation: SyncOperation, keyed: boolean): DestinationSyncMode {
  if (removals.includes(operation)) return 'soft_delete'
  if (operation === 'update') return 'update'
  return keyed ? 'append_dedup' : 'append'
}

function jsonSchema(setup: SyncSetup, operation: SyncOperation): JsonData {
  const mapped = setup.spec.mapping.map(({ field }) => field)
  const fields = mapped
    .filter((name) => !keyAlone(setup, operation) || setup.stream.key.includes(name))
    .map((name) => [name, setup.stream.fields.find((field) => field.name === name)] as const)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, field === undefined ? {} : property(field)])),
  }
}

function property({ type, required }: StreamFieldSpec): JsonData {
  const { type: name, ...rest } = jsonTypes[type]
  return { ...(name === undefined ? {} : { type: required ? name : ['null', name] }), ...rest }
}

const jsonTypes: Readonly<Record<ColumnType, { readonly type?: string; readonly [name: string]: unknown }>> = {
  text: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  timestamp: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
  date: { type: 'string', format: 'date' },
  json: {},
}

/** Closes a batch. Its id is shared by all of the batch's retries. */
export function closingState(
  setup: SyncSetup,
  batch: { readonly batch: number; readonly id: string; readonly hash: string },
): AirbyteStateMessage {
  const last = streamsOf(setup).at(-1) ?? setup
  const name = streamName(last, operationsOf(last.spec.mode).at(-1) ?? 'append')
  return { type: 'STREAM', stream: { stream_descriptor: { name }, stream_state: { ...batch } } }
}
