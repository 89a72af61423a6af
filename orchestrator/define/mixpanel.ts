import type { EnvRef } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { textOrEnv } from './env.ts'
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
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, object, oneOf, optional, positive, type Shapes } from './shape.ts'

const eventFields = { event: 'text', distinct_id: 'text', time: 'timestamp?', properties: 'json?' } as const
const userFields = { distinct_id: 'text' } as const
const groupFields = { group_id: 'text' } as const
const profileModes = ['upsert', 'mirror', 'delete'] as const

/** Events; once for each user, or in every run. Fields without a name of their own are properties. */
export type MixpanelEvents = Stream<typeof eventFields, never, true, 'insert' | 'append'>
/** Profiles of users. Fields are properties; a null takes one away. */
export type MixpanelUsers = Stream<typeof userFields, 'distinct_id', true, (typeof profileModes)[number]>
/** Profiles of groups, likewise. */
export type MixpanelGroups = Stream<typeof groupFields, 'group_id', true, (typeof profileModes)[number]>

export interface MixpanelDestination extends Destination {
  events(): MixpanelEvents
  users(): MixpanelUsers
  /** Groups by their group key in the project: `company`. */
  groups(groupKey: string): MixpanelGroups
}

export interface MixpanelServiceAccount {
  readonly username: string | EnvRef
  readonly secret: string | EnvRef
  readonly projectId: string | EnvRef
}

const serviceAccount = object({
  username: textOrEnv,
  secret: textOrEnv,
  projectId: textOrEnv,
} satisfies Shapes<MixpanelServiceAccount>)

const mixpanelOptions = {
  ...destinationOptions,
  projectToken: like(byEnvironment(textOrEnv), "projectToken: env('MIXPANEL_TOKEN')"),
  serviceAccount: optional(serviceAccount),
  region: optional(byEnvironment(oneOf(['us', 'eu', 'in']))),
  apiUrl: optional(byEnvironment(textOrEnv)),
  requestsPerSecond: optional(byEnvironment(positive)),
} satisfies Shapes<Parameters<typeof mixpanel>[1]>

/**
 * A project of Mixpanel.
 *
 * ```ts
 * const product = mixpanel('product', { projectToken: env('MIXPANEL_TOKEN'), region: 'eu' })
 * sync('profiles', { from: model, to: product.users(), mode: 'mirror', map: { distinct_id: customer.key, tier } })
 * ```
 */
export function mixpanel(
  name: string,
  options: DestinationOptions & {
    /** Names the project, and imports its events unless a service account does. */
    readonly projectToken: ByEnvironment<string | EnvRef>
    /** An owner or administrator of the project. */
    readonly serviceAccount?: MixpanelServiceAccount
    /** Where the project keeps its data: default `us`. */
    readonly region?: ByEnvironment<'us' | 'eu' | 'in'>
    /** The ingestion API, or something that speaks it: default the region's own. */
    readonly apiUrl?: ByEnvironment<string | EnvRef>
    /** Default 10, of 2,000 events each. */
    readonly requestsPerSecond?: ByEnvironment<number>
  },
): MixpanelDestination {
  checkDefinition('destination', name, options, mixpanelOptions)
  const { serviceAccount: account } = options
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'mixpanel' },
      config: {
        project_token: options.projectToken,
        service_account:
          account === undefined
            ? undefined
            : { username: account.username, secret: account.secret, project_id: account.projectId },
        region: options.region,
        api_url: options.apiUrl,
        requests_per_second: options.requestsPerSecond,
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(mixpanel),
    },
    {
      events(this: Destination): MixpanelEvents {
        const spec = streamSpec('events', eventFields, { open: true, modes: ['insert', 'append'] })
        return Object.freeze({ kind: 'stream', destination: this, spec })
      },
      users(this: Destination): MixpanelUsers {
        const spec = streamSpec('users', userFields, { key: 'distinct_id', open: true, modes: profileModes })
        return Object.freeze({ kind: 'stream', destination: this, spec })
      },
      groups(this: Destination, groupKey: string): MixpanelGroups {
        checkStreamName(this, groupKey)
        const spec = streamSpec(`groups/${groupKey}`, groupFields, { key: 'group_id', open: true, modes: profileModes })
        return Object.freeze({ kind: 'stream', destination: this, spec })
      },
    },
  )
}
