import type { EnvRef } from '../contract/index.ts'
import { checkArguments, checkDefinition } from './check.ts'
import {
  checkStreamName,
  destinationInfo,
  destinationOptions,
  listModes,
  makeDestination,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type Stream,
} from './destination.ts'
import { textOrEnv } from './env.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, oneOf, optional, positive, someText, type Shapes } from './shape.ts'

const memberFields = {
  external_id: 'text?',
  email: 'text?',
  phone: 'text?',
  device_id: 'text?',
  first_name: 'text?',
  last_name: 'text?',
  first_initial: 'text?',
  gender: 'text?',
  birth_year: 'text?',
  birth_month: 'text?',
  birth_day: 'text?',
  city: 'text?',
  region: 'text?',
  postal_code: 'text?',
  country: 'text?',
} as const

const keys = ['external_id', 'email', 'phone', 'device_id'] as const
type MemberKey = (typeof keys)[number]

/** An audience. Whom it takes away again it has to find by the key alone. */
export type MetaAudience<Key extends MemberKey> = Stream<typeof memberFields, Key, false, (typeof listModes)[number]>

export interface MetaAds extends Destination {
  /** A customer list by its id. `key` is the field that the entity's key fills: default `external_id`. */
  audience<Key extends MemberKey = 'external_id'>(id: string, options?: { readonly key?: Key }): MetaAudience<Key>
}

const metaOptions = {
  ...destinationOptions,
  accessToken: like(byEnvironment(textOrEnv), "accessToken: env('META_ACCESS_TOKEN')"),
  adAccountId: like(byEnvironment(textOrEnv), "adAccountId: 'act_1234567890'"),
  appSecret: optional(byEnvironment(textOrEnv)),
  country: optional(someText),
  apiVersion: optional(someText),
  apiUrl: optional(byEnvironment(textOrEnv)),
  requestsPerSecond: optional(byEnvironment(positive)),
} satisfies Shapes<Parameters<typeof metaAds>[1]>

/**
 * Custom audiences of an ad account at Meta. Identifiers are normalised and hashed before they leave.
 *
 * ```ts
 * const meta = metaAds('meta', { accessToken: env('META_ACCESS_TOKEN'), adAccountId: 'act_1234567890' })
 * sync('vip_to_meta', { from: vip, to: meta.audience('6012345'), mode: 'members', map: { external_id: customer.key, email } })
 * ```
 */
export function metaAds(
  name: string,
  options: DestinationOptions & {
    /** Of a system user with `ads_management`. */
    readonly accessToken: ByEnvironment<string | EnvRef>
    readonly adAccountId: ByEnvironment<string | EnvRef>
    /** Where the app asks for a proof with each call. */
    readonly appSecret?: ByEnvironment<string | EnvRef>
    /** Where phone numbers without a country code belong: `DE`. */
    readonly country?: string
    /** Default `v25.0`. */
    readonly apiVersion?: string
    readonly apiUrl?: ByEnvironment<string | EnvRef>
    /** Default 5. */
    readonly requestsPerSecond?: ByEnvironment<number>
  },
): MetaAds {
  checkDefinition('destination', name, options, metaOptions)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'meta-ads' },
      config: {
        access_token: options.accessToken,
        ad_account_id: options.adAccountId,
        app_secret: options.appSecret,
        country: options.country,
        api_version: options.apiVersion,
        api_url: options.apiUrl,
        requests_per_second: options.requestsPerSecond,
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(metaAds),
    },
    {
      audience<Key extends MemberKey = 'external_id'>(
        this: Destination,
        id: string,
        of: { readonly key?: Key } = {},
      ): MetaAudience<Key> {
        checkStreamName(this, id)
        checkArguments(`audience of destination ${this.name}`, { key: like(optional(oneOf(keys)), "key: 'email'") }, of)
        const key = of.key ?? 'external_id'
        const spec = streamSpec(id, { ...memberFields, [key]: 'text' }, { key, modes: listModes })
        return Object.freeze({ kind: 'stream', destination: this, spec })
      },
    },
  )
}
