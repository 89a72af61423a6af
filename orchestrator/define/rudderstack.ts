import type { EnvRef } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { textOrEnv } from './env.ts'
import {
  destinationInfo,
  destinationOptions,
  makeDestination,
  type Destination,
  type DestinationOptions,
} from './destination.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { segmentCalls, type SegmentCalls } from './segment-calls.ts'
import { like, optional, positive, type Shapes } from './shape.ts'

export interface RudderstackDestination extends Destination, SegmentCalls {}

const rudderstackOptions = {
  ...destinationOptions,
  writeKey: like(byEnvironment(textOrEnv), "writeKey: env('RUDDERSTACK_WRITE_KEY')"),
  dataPlaneUrl: like(byEnvironment(textOrEnv), "dataPlaneUrl: env('RUDDERSTACK_DATA_PLANE_URL')"),
  requestsPerSecond: optional(byEnvironment(positive)),
} satisfies Shapes<Parameters<typeof rudderstack>[1]>

/**
 * A source of RudderStack: identify, track and group, at your own data plane.
 *
 * ```ts
 * const cdp = rudderstack('cdp', { writeKey: env('RUDDERSTACK_WRITE_KEY'), dataPlaneUrl: 'https://acme.dataplane.rudderstack.com' })
 * sync('tiers', { from: model, to: cdp.identify(), mode: 'upsert', map: { userId: customer.key, tier } })
 * ```
 */
export function rudderstack(
  name: string,
  options: DestinationOptions & {
    /** Of an HTTP source of the workspace. */
    readonly writeKey: ByEnvironment<string | EnvRef>
    /** As the connections page shows it. */
    readonly dataPlaneUrl: ByEnvironment<string | EnvRef>
    /** Default 100. */
    readonly requestsPerSecond?: ByEnvironment<number>
  },
): RudderstackDestination {
  checkDefinition('destination', name, options, rudderstackOptions)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'rudderstack' },
      config: {
        write_key: options.writeKey,
        data_plane_url: options.dataPlaneUrl,
        requests_per_second: options.requestsPerSecond,
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(rudderstack),
    },
    segmentCalls,
  )
}
