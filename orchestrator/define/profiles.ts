import type { EnvRef, SyncMode } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import {
  checkStreamName,
  destinationInfo,
  destinationOptions,
  makeDestination,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type Stream,
} from './destination.ts'
import { textOrEnv } from './env.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, optional, someText, type Shapes } from './shape.ts'

const partFields = { id: 'text', external_ids: 'json?' } as const
const memberFields = { id: 'text' } as const
const partModes = ['upsert', 'mirror'] as const satisfies readonly SyncMode[]

export interface ProfilesDestination extends Destination {
  /**
   * A part of the profiles: fields beside `id` and `external_ids` are traits, owned by the sync that writes the part. A
   * row that a mirror removes takes only these with it.
   */
  traits(part: string): Stream<typeof partFields, 'id', true, (typeof partModes)[number]>
  /** Members have the trait of this name, true; a mirror takes it from those who leave. */
  audience(name: string): Stream<typeof memberFields, 'id', false, (typeof partModes)[number]>
}

const profilesOptions = {
  ...destinationOptions,
  url: like(byEnvironment(textOrEnv), "url: env('PROFILES_URL')"),
  schema: optional(byEnvironment(someText)),
  collection: optional(someText),
  idType: optional(someText),
} satisfies Shapes<Parameters<typeof profiles>[1]>

/**
 * The product's own store of profiles, in a PostgreSQL database: one row a user, put together from what syncs write.
 *
 * ```ts
 * const store = profiles('profiles', { url: env('PROFILES_URL') })
 * sync('scores', {
 *   from: model,
 *   to: store.traits('scores'),
 *   mode: 'mirror',
 *   map: { id: customer.key, external_ids: { email }, lifetime_value: lifetimeValue },
 * })
 * sync('at_risk', { from: atRisk, to: store.audience('at_risk'), mode: 'mirror', map: { id: customer.key } })
 * ```
 */
export function profiles(
  name: string,
  options: DestinationOptions & {
    readonly url: ByEnvironment<string | EnvRef>
    /** Default `profiles`; it is made. */
    readonly schema?: ByEnvironment<string>
    /** What there are profiles of: default `users`. */
    readonly collection?: string
    /** What the profiles’ own id is called, as in `user_id:42`: default `user_id`. */
    readonly idType?: string
  },
): ProfilesDestination {
  checkDefinition('destination', name, options, profilesOptions)
  const { collection = 'users' } = options
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'profiles' },
      config: { url: options.url, schema: options.schema, id_type: options.idType },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(profiles),
    },
    {
      traits(this: Destination, part: string) {
        checkStreamName(this, part)
        const spec = streamSpec(`${collection}.${part}`, partFields, { key: 'id', open: true, modes: partModes })
        return Object.freeze({ kind: 'stream' as const, destination: this, spec })
      },
      audience(this: Destination, audience: string) {
        checkStreamName(this, audience)
        const spec = streamSpec(`${collection}#${audience}`, memberFields, { key: 'id', modes: partModes })
        return Object.freeze({ kind: 'stream' as const, destination: this, spec })
      },
    },
  )
}
