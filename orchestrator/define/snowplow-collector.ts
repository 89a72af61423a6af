import type { EnvRef } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import {
  destinationInfo,
  destinationOptions,
  fieldTypes,
  makeDestination,
  streamOf,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type FieldTypes,
  type KeyAmongFields,
  type Stream,
} from './destination.ts'
import { textOrEnv } from './env.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, object, optional, positive, recordOf, shape, someText, whole, type Shapes } from './shape.ts'

const modes = ['upsert', 'insert', 'append'] as const

/** Columns of `atomic.events`; a mapping may fill any of them. */
const atomicFields = {
  user_id: 'text?',
  domain_userid: 'text?',
  network_userid: 'text?',
  domain_sessionid: 'text?',
  user_ipaddress: 'text?',
  useragent: 'text?',
  os_timezone: 'text?',
  br_lang: 'text?',
  page_url: 'text?',
  event_id: 'text?',
  true_tstamp: 'timestamp?',
  contexts: 'json?',
} as const

export interface SnowplowEventInput {
  /** `iglu:com.acme/tier_changed/jsonschema/1-0-0`. */
  readonly schema: string
  /** The event's own data. A field with `?` may be left out of a mapping. */
  readonly fields: FieldTypes
  /** The field of its data that identifies a row. Default: `user_id` of the event. */
  readonly key?: string
}

type Inputs = Readonly<Record<string, SnowplowEventInput>>

type EventStream<Input extends SnowplowEventInput> = Input extends { readonly key: infer Key extends string }
  ? Stream<Input['fields'] & typeof atomicFields, Key, false, (typeof modes)[number]>
  : Stream<
      Input['fields'] & Omit<typeof atomicFields, 'user_id'> & { readonly user_id: 'text' },
      'user_id',
      false,
      (typeof modes)[number]
    >

export interface SnowplowDestination<Events extends Inputs> extends Destination {
  event<Name extends keyof Events & string>(name: Name): EventStream<Events[Name]>
}

const igluUri = like(
  shape(
    'an Iglu address',
    (value) => typeof value === 'string' && /^iglu:[^/]+\/[^/]+\/[^/]+\/\d+-\d+-\d+$/.test(value),
  ),
  "schema: 'iglu:com.acme/tier_changed/jsonschema/1-0-0'",
)

const snowplowOptions = {
  ...destinationOptions,
  collectorUrl: like(byEnvironment(textOrEnv), "collectorUrl: env('SNOWPLOW_COLLECTOR_URL')"),
  appId: optional(byEnvironment(someText)),
  platform: optional(someText),
  namespace: optional(byEnvironment(someText)),
  path: optional(byEnvironment(someText)),
  secretHeaders: optional(recordOf('texts', byEnvironment(textOrEnv))),
  bytesPerRequest: optional(whole(1_000, 1_000_000)),
  eventsPerRequest: optional(whole(1, 10_000)),
  requestsPerSecond: optional(byEnvironment(positive)),
  events: like(
    recordOf(
      'events',
      object({
        schema: igluUri,
        fields: like(fieldTypes, "fields: { tier: 'text?' }"),
        key: optional(someText),
      } satisfies Shapes<SnowplowEventInput>),
    ),
    "events: { tier_changed: { schema: 'iglu:com.acme/tier_changed/jsonschema/1-0-0', fields: { tier: 'text?' } } }",
  ),
} satisfies Shapes<Parameters<typeof snowplow>[1]>

/**
 * A Snowplow collector: rows become self-describing events.
 *
 * ```ts
 * const pipeline = snowplow('pipeline', {
 *   collectorUrl: env('SNOWPLOW_COLLECTOR_URL'),
 *   events: { tier_changed: { schema: 'iglu:com.acme/tier_changed/jsonschema/1-0-0', fields: { tier: 'text?' } } },
 * })
 * sync('tiers', { from: model, to: pipeline.event('tier_changed'), mode: 'upsert', map: { user_id: customer.key, tier } })
 * ```
 */
export function snowplow<const Events extends Inputs>(
  name: string,
  options: DestinationOptions & {
    readonly collectorUrl: ByEnvironment<string | EnvRef>
    /** `app_id` of the events: default `traitline`. */
    readonly appId?: ByEnvironment<string>
    /** Default `srv`, a server. */
    readonly platform?: string
    /** Name of the tracker: default `traitline`. */
    readonly namespace?: ByEnvironment<string>
    /** Default `/com.snowplowanalytics.snowplow/tp2`. */
    readonly path?: ByEnvironment<string>
    /** For a proxy before the collector. */
    readonly secretHeaders?: Readonly<Record<string, ByEnvironment<string | EnvRef>>>
    /** Default 500,000. */
    readonly bytesPerRequest?: number
    /** Default 500. */
    readonly eventsPerRequest?: number
    /** Default 20. */
    readonly requestsPerSecond?: ByEnvironment<number>
    readonly events: Events & {
      readonly [Name in keyof Events]: KeyAmongFields<Events[Name], Events[Name]['fields']>
    }
  },
): SnowplowDestination<Events> {
  checkDefinition('destination', name, options, snowplowOptions)
  const inputs: readonly [string, SnowplowEventInput][] = Object.entries(options.events)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'snowplow' },
      config: {
        collector_url: options.collectorUrl,
        events: Object.fromEntries(inputs.map(([event, { schema }]) => [event, schema])),
        app_id: options.appId,
        platform: options.platform,
        namespace: options.namespace,
        path: options.path,
        secret_headers: options.secretHeaders,
        bytes_per_request: options.bytesPerRequest,
        events_per_request: options.eventsPerRequest,
        requests_per_second: options.requestsPerSecond,
      },
      streams: inputs.map(([event, { fields, key }]) => {
        const own = key === undefined ? { ...atomicFields, user_id: 'text' as const } : atomicFields
        return streamSpec(event, { ...fields, ...own }, { key: key ?? 'user_id', modes })
      }),
      ...destinationInfo(options),
      definedAt: locationOfCall(snowplow),
    },
    {
      event(this: Destination, event: string) {
        return streamOf(this, event)
      },
    },
  ) as unknown as SnowplowDestination<Events>
}
