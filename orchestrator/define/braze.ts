import type { EnvRef } from '../contract/index.ts'
import { checkArguments, checkDefinition } from './check.ts'
import { textOrEnv } from './env.ts'
import {
  checkStreamName,
  destinationInfo,
  destinationOptions,
  makeDestination,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type FieldTypes,
  type Stream,
} from './destination.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, oneOf, optional, positive, someText, whole, type Shapes } from './shape.ts'

const keys = ['external_id', 'braze_id', 'alias_name', 'email', 'phone'] as const
/** How Braze knows a user. `alias_name` is of a user alias, whose label is an option of the destination. */
export type BrazeKey = (typeof keys)[number]

const subscriptionKeys = ['external_id', 'email', 'phone'] as const
type SubscriptionKey = (typeof subscriptionKeys)[number]

const profile = {
  first_name: 'text?',
  last_name: 'text?',
  country: 'text?',
  language: 'text?',
  home_city: 'text?',
  time_zone: 'text?',
  gender: 'text?',
  dob: 'date?',
  email_subscribe: 'text?',
  push_subscribe: 'text?',
} as const
const occurrence = { time: 'timestamp?', app_id: 'text?', properties: 'json?' } as const
const event = { name: 'text', ...occurrence } as const
const purchase = { product_id: 'text', currency: 'text', price: 'number', quantity: 'integer?', ...occurrence } as const

/** The field that matches has to be filled, the others may be. */
type Identified<By extends BrazeKey, Fields extends FieldTypes> = Fields & { readonly [Name in By]: 'text' } & {
  readonly [Name in Exclude<BrazeKey, By>]: 'text?'
}

export interface BrazeDestination extends Destination {
  /** Profiles. Fields beyond Braze’s own are custom attributes; a null takes an attribute away. */
  users<By extends BrazeKey = 'external_id'>(options?: {
    readonly by?: By
  }): Stream<Identified<By, typeof profile>, By, true, 'upsert' | 'update' | 'mirror' | 'delete'>
  /** Custom events. Fields without a name of their own are properties. */
  events<By extends BrazeKey = 'external_id'>(options?: {
    readonly by?: By
  }): Stream<Identified<By, typeof event>, never, true, 'insert' | 'append'>
  /** Purchases. Fields without a name of their own are properties. */
  purchases<By extends BrazeKey = 'external_id'>(options?: {
    readonly by?: By
  }): Stream<Identified<By, typeof purchase>, never, true, 'insert' | 'append'>
  /** Who is subscribed to a group, by the group’s id: adding subscribes, removing unsubscribes. */
  subscriptionGroup<By extends SubscriptionKey = 'external_id'>(
    id: string,
    options?: { readonly by?: By },
  ): Stream<{ readonly [Name in By]: 'text' }, By, false, 'add' | 'remove' | 'members'>
}

const brazeOptions = {
  ...destinationOptions,
  apiKey: like(byEnvironment(textOrEnv), "apiKey: env('BRAZE_API_KEY')"),
  endpoint: like(byEnvironment(textOrEnv), "endpoint: 'https://rest.iad-01.braze.com'"),
  aliasLabel: optional(byEnvironment(someText)),
  objectsPerRequest: optional(byEnvironment(whole(1, 75))),
  requestsPerSecond: optional(byEnvironment(positive)),
} satisfies Shapes<Parameters<typeof braze>[1]>

/**
 * A workspace of Braze.
 *
 * ```ts
 * const engage = braze('engage', { apiKey: env('BRAZE_API_KEY'), endpoint: 'https://rest.iad-01.braze.com' })
 * sync('profiles', { from: model, to: engage.users(), mode: 'mirror', map: { external_id: customer.key, tier } })
 * ```
 */
export function braze(
  name: string,
  options: DestinationOptions & {
    /** A REST API key with `users.track`, and `users.delete` and `subscription.status.set` where they are used. */
    readonly apiKey: ByEnvironment<string | EnvRef>
    /** The REST endpoint of the workspace’s instance. */
    readonly endpoint: ByEnvironment<string | EnvRef>
    /** Of the user aliases that `alias_name` names: default `traitline`. */
    readonly aliasLabel?: ByEnvironment<string>
    /** Default 75; 50 for plans by monthly active users of 2024 and 2025. */
    readonly objectsPerRequest?: ByEnvironment<number>
    /** To `/users/track`: default 250. */
    readonly requestsPerSecond?: ByEnvironment<number>
  },
): BrazeDestination {
  checkDefinition('destination', name, options, brazeOptions)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'braze' },
      config: {
        api_key: options.apiKey,
        endpoint: options.endpoint,
        alias_label: options.aliasLabel,
        objects_per_request: options.objectsPerRequest,
        requests_per_second: options.requestsPerSecond,
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(braze),
    },
    {
      users(this: Destination, options: By = {}) {
        const by = keyOf(this, 'users', keys, options)
        const modes = ['upsert', 'update', 'mirror', 'delete'] as const
        return streamOf(this, 'users', { ...profile, ...identifiers(by) }, { key: by, open: true, modes })
      },
      events(this: Destination, options: By = {}) {
        const by = keyOf(this, 'events', keys, options)
        return streamOf(this, 'events', { ...event, ...identifiers(by) }, { open: true, modes: ['insert', 'append'] })
      },
      purchases(this: Destination, options: By = {}) {
        const by = keyOf(this, 'purchases', keys, options)
        const modes = ['insert', 'append'] as const
        return streamOf(this, 'purchases', { ...purchase, ...identifiers(by) }, { open: true, modes })
      },
      subscriptionGroup(this: Destination, id: string, options: By = {}) {
        checkStreamName(this, id)
        const by = keyOf(this, 'subscriptionGroup', subscriptionKeys, options)
        const modes = ['add', 'remove', 'members'] as const
        return streamOf(this, `subscription_groups/${id}`, { [by]: 'text' }, { key: by, modes })
      },
    },
  ) as unknown as BrazeDestination
}

interface By {
  readonly by?: string
}

function keyOf({ name }: Destination, method: string, known: readonly string[], options: By): string {
  checkArguments(
    `${method} of destination ${name}`,
    { by: like(optional(oneOf(known)), "by: 'email'") },
    { ...options },
  )
  return options.by ?? 'external_id'
}

function identifiers(by: string): FieldTypes {
  return Object.fromEntries(keys.map((key) => [key, key === by ? 'text' : 'text?']))
}

function streamOf(
  destination: Destination,
  name: string,
  fields: FieldTypes,
  options: Parameters<typeof streamSpec>[2],
): Stream {
  return Object.freeze({ kind: 'stream', destination, spec: streamSpec(name, fields, options) })
}
