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
import { like, oneOf, optional, positive, type Shapes } from './shape.ts'

export interface SegmentDestination extends Destination, SegmentCalls {}

const segmentOptions = {
  ...destinationOptions,
  writeKey: like(byEnvironment(textOrEnv), "writeKey: env('SEGMENT_WRITE_KEY')"),
  region: optional(byEnvironment(oneOf(['us', 'eu']))),
  apiUrl: optional(byEnvironment(textOrEnv)),
  requestsPerSecond: optional(byEnvironment(positive)),
} satisfies Shapes<Parameters<typeof segment>[1]>

/**
 * A source of Twilio Segment: identify, track and group. Segment has no call that deletes a user.
 *
 * ```ts
 * const cdp = segment('cdp', { writeKey: env('SEGMENT_WRITE_KEY') })
 * sync('tiers', { from: model, to: cdp.identify(), mode: 'upsert', map: { userId: customer.key, tier } })
 * sync('left', { from: atRisk, to: cdp.track(), mode: 'insert', map: { userId: customer.key, event: constant('At Risk') } })
 * ```
 */
export function segment(
  name: string,
  options: DestinationOptions & {
    /** Of an HTTP source of the workspace. */
    readonly writeKey: ByEnvironment<string | EnvRef>
    /** Where the workspace is: default `us`. */
    readonly region?: ByEnvironment<'us' | 'eu'>
    /** Segment's API, or something that speaks it: default the region's own. */
    readonly apiUrl?: ByEnvironment<string | EnvRef>
    /** Default 100. */
    readonly requestsPerSecond?: ByEnvironment<number>
  },
): SegmentDestination {
  checkDefinition('destination', name, options, segmentOptions)
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'segment' },
      config: {
        write_key: options.writeKey,
        region: options.region,
        api_url: options.apiUrl,
        requests_per_second: options.requestsPerSecond,
      },
      streams: [],
      ...destinationInfo(options),
      definedAt: locationOfCall(segment),
    },
    segmentCalls,
  )
}
