import type { ConfiguredAirbyteStream, JsonData, Offer, Sending } from '../kit/index.ts'
import type { MixpanelClient } from './client.ts'
import type { MixpanelConfig } from './config.ts'

/** What rows of a stream are sent with. */
export interface Target {
  readonly stream: ConfiguredAirbyteStream
  readonly config: MixpanelConfig
  readonly client: MixpanelClient
}

/** One kind of thing that Mixpanel keeps. */
export interface MixpanelObject {
  readonly offer: Offer
  readonly sending: (target: Target) => Sending
}

/** A request has 10 MB at most; some of it is left for what surrounds the items. */
export const maxBytes = 9_900_000

export const distinctId: JsonData = { type: 'string', description: 'The user, by Mixpanel’s distinct id.' }
