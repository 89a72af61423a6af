import type {
  AirbyteMessage,
  ConfiguredAirbyteCatalog,
  ConfiguredAirbyteStream,
  JsonData,
} from '../../protocol/index.ts'
import { rowMaker } from './made-row.ts'
import { messageErrors } from './message-errors.ts'
import type { ConformanceTarget } from './target.ts'
import { Trial, type Exchange } from './trial.ts'

export interface TargetOptions {
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A configuration that works: rows are written where it points. */
  readonly config: JsonData
  /** What is written to, its first stream; without it what the connector's own `discover` names first, else a stream of texts. */
  readonly catalog?: ConfiguredAirbyteCatalog
  /** Configurations that `check` has to turn down; those without each required field are added. */
  readonly badConfigs?: Readonly<Record<string, JsonData>>
  readonly kit?: boolean
  readonly timeoutMs?: number
  readonly written?: () => Promise<number>
}

const defaultTimeoutMs = 60_000

/**
 * What the suite has to know of a connector, asked of the connector itself where nothing is said: its spec tells which
 * fields a configuration cannot be without, its `discover` what can be written.
 */
export async function targetOf(options: TargetOptions): Promise<ConformanceTarget> {
  const { config, kit = false, timeoutMs = defaultTimeoutMs } = options
  const base = { ...options, kit, timeoutMs, messageErrors, badConfigs: {}, stream: plainStream, row: () => ({}) }
  const trial = new Trial(base)
  const spec = find(await trial.exchange('spec', {}), 'SPEC')?.spec
  const stream = options.catalog?.streams[0] ?? offered(await trial.exchange('discover', { config })) ?? plainStream
  const badConfigs = { ...withoutRequired(spec?.connectionSpecification, config), ...options.badConfigs }
  return { ...base, badConfigs, stream, row: rowMaker(stream) }
}

const text = { type: ['null', 'string'] }

const plainStream: ConfiguredAirbyteStream = {
  stream: {
    name: 'conformance',
    json_schema: { type: 'object', properties: { id: text, name: text } },
    supported_sync_modes: ['full_refresh'],
  },
  sync_mode: 'full_refresh',
  destination_sync_mode: 'append',
}

/** The first object of a connector's own catalog; `*` stands for any name. */
function offered(exchange: Exchange): ConfiguredAirbyteStream | null {
  const { operations } = find(exchange, 'DESTINATION_CATALOG')?.destination_catalog ?? { operations: [] }
  const operation = operations.find(({ sync_mode }) => sync_mode === 'append') ?? operations[0]
  if (operation === undefined) return null
  const { object_name, sync_mode, json_schema, matching_keys } = operation
  const name = object_name === '*' ? plainStream.stream.name : object_name
  const properties = (json_schema['properties'] ?? {}) as JsonData
  const schema = Object.keys(properties).length === 0 ? plainStream.stream.json_schema : json_schema
  return {
    stream: { name, json_schema: schema, supported_sync_modes: ['full_refresh', 'incremental'] },
    sync_mode: 'incremental',
    destination_sync_mode: sync_mode,
    destination_object_name: name,
    ...(matching_keys == null ? {} : { primary_key: matching_keys.slice(0, 1) }),
  }
}

function find<Type extends AirbyteMessage['type']>({ messages }: Exchange, type: Type) {
  return messages.find((message): message is Extract<AirbyteMessage, { type: Type }> => message.type === type)
}

function withoutRequired(schema: JsonData | undefined, config: JsonData): Record<string, JsonData> {
  const required = Array.isArray(schema?.['required']) ? (schema['required'] as string[]) : []
  const properties = (schema?.['properties'] ?? {}) as Readonly<Record<string, { readonly default?: unknown }>>
  return Object.fromEntries(
    required
      .filter((name) => properties[name]?.default === undefined)
      .map((name) => [
        `a configuration without ${name}`,
        Object.fromEntries(Object.entries(config).filter(([other]) => other !== name)),
      ]),
  )
}
