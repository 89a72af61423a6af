import { syncModes, type ConnectorRef, type SyncMode } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { connectorRef } from './connector.ts'
import {
  fieldTypes,
  destinationInfo,
  destinationOptions,
  makeDestination,
  streamOf,
  streamSpec,
  type Config,
  type Destination,
  type DestinationOptions,
  type FieldTypes,
  type KeyAmongFields,
  type Stream,
} from './destination.ts'
import { locationOfCall } from './location.ts'
import { flag, jsonObject, like, listOf, object, oneOf, optional, recordOf, someText, type Shapes } from './shape.ts'

/** One stream of a foreign destination, as this project uses it. */
export interface AirbyteStreamInput {
  readonly fields: FieldTypes
  /** The field that identifies a row there. */
  readonly key?: string
  /** Whether fields beyond these are taken: default false. */
  readonly open?: boolean
  /** What it can do truly: default `['append']`. */
  readonly modes?: readonly SyncMode[]
}

type StreamOf<Input extends AirbyteStreamInput> = Stream<
  Input['fields'],
  Input extends { readonly key: infer Key extends string } ? Key : never,
  Input extends { readonly open: infer Open extends boolean } ? Open : false,
  Input extends { readonly modes: readonly (infer Mode extends SyncMode)[] } ? Mode : 'append'
>

export interface AirbyteDestination<Streams extends Readonly<Record<string, AirbyteStreamInput>>> extends Destination {
  stream<Name extends keyof Streams & string>(name: Name): StreamOf<Streams[Name]>
}

const streamInput = object({
  fields: like(fieldTypes, "fields: { customer_id: 'text', tier: 'text?' }"),
  key: optional(someText),
  open: optional(flag),
  modes: optional(listOf('modes', oneOf(syncModes))),
} satisfies Shapes<AirbyteStreamInput>)

const airbyteOptions = {
  ...destinationOptions,
  connector: connectorRef,
  config: like(jsonObject, "config: { path: env('LAKE_PATH') }"),
  streams: like(recordOf('streams', streamInput), "streams: { customers: { fields: { customer_id: 'text' } } }"),
} satisfies Shapes<Parameters<typeof airbyte>[1]>

/**
 * Any Airbyte destination.
 *
 * ```ts
 * const lake = airbyte('lake', {
 *   connector: pypi('airbyte-destination-ailake==0.1.16'),
 *   config: { storage_path: env('LAKE_PATH') },
 *   streams: { customers: { fields: { customer_id: 'text', lifetime_value: 'number?' }, key: 'customer_id' } },
 * })
 * sync('customers_to_lake', { from: model, to: lake.stream('customers'), mode: 'append', map: { ... } })
 * ```
 */
export function airbyte<const Streams extends Readonly<Record<string, AirbyteStreamInput>>>(
  name: string,
  options: DestinationOptions & {
    readonly connector: ConnectorRef
    readonly config: Config
    readonly streams: Streams & {
      readonly [Name in keyof Streams]: KeyAmongFields<Streams[Name], Streams[Name]['fields']>
    }
  },
): AirbyteDestination<Streams> {
  checkDefinition('destination', name, options, airbyteOptions)
  const inputs: readonly [string, AirbyteStreamInput][] = Object.entries(options.streams)
  const streams = inputs.map(([stream, input]) =>
    streamSpec(stream, input.fields, { ...input, modes: input.modes ?? ['append'] }),
  )
  const definedAt = locationOfCall(airbyte)
  return makeDestination(
    { name, connector: options.connector, config: options.config, streams, ...destinationInfo(options), definedAt },
    {
      stream(this: Destination, stream: string) {
        return streamOf(this, stream)
      },
    },
  ) as unknown as AirbyteDestination<Streams>
}
