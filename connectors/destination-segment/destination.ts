import { specDestination } from '../segment-spec/index.ts'
import { configSchema, regions } from './config.ts'

/**
 * Twilio Segment's HTTP API. A request has at most 2,500 messages and 500 kB, a message 32 kB. Some of that is left for
 * what surrounds the messages.
 */
export const destinationSegment = specDestination({
  name: 'destination-segment',
  vendor: 'Segment',
  documentationUrl: 'https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/',
  spec: configSchema,
  baseUrl: ({ api_url, region }) => api_url ?? regions[region],
  limits: { count: 2_500, bytes: 499_000, itemBytes: 32_000 },
  keyHint: 'check that the write key is that of an enabled source.',
})
