import { specDestination } from '../segment-spec/index.ts'
import { configSchema } from './config.ts'

/**
 * RudderStack's HTTP API, which takes Segment's specification at the customer's own data plane. A request has at most
 * 4 MB, a message 32 kB. Some of that is left for what surrounds the messages.
 */
export const destinationRudderstack = specDestination({
  name: 'destination-rudderstack',
  vendor: 'RudderStack',
  documentationUrl: 'https://www.rudderstack.com/docs/api/http-api/',
  spec: configSchema,
  baseUrl: ({ data_plane_url }) => data_plane_url,
  limits: { count: 2_500, bytes: 3_990_000, itemBytes: 32_000 },
  keyHint: 'check that the write key is that of an enabled source, and that the data plane is its own.',
})
