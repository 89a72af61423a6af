import type { ConfiguredAirbyteStream, DestinationContext, JsonData, Offer, Sending } from '../kit/index.ts'
import type { BrazeConfig } from './config.ts'

/** What rows of a stream are sent with. */
export interface Target {
  readonly stream: ConfiguredAirbyteStream
  readonly config: BrazeConfig
  readonly context: DestinationContext
}

/** One kind of thing that Braze keeps. */
export interface BrazeObject {
  readonly offer: Offer
  readonly sending: (target: Target) => Sending
}

const text = { type: ['null', 'string'] }

export const identifierFields: JsonData = {
  external_id: text,
  braze_id: text,
  alias_name: { ...text, description: 'Of a user alias, whose label is a setting of the destination.' },
  email: text,
  phone: { ...text, description: 'E.164: +493012345.' },
}
