import {
  configError,
  defineDestination,
  httpClient,
  offered,
  operationsOf,
  RequestWriter,
  sending,
  taken,
  verdictByStatus,
  type DestinationContext,
  type HttpClient,
  type Offer,
  type Sending,
} from '../kit/index.ts'
import { configSchema, type SnowplowConfig } from './config.ts'
import { eventOf, type TrackerEvent } from './event.ts'

const vendor = 'The Snowplow collector'
const payloadSchema = 'iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4'
const recommendedBatchSize = 5_000
/** Of the request around its events, and `stm` of each. */
const envelopeBytes = 200
const stampBytes = 24

/**
 * Sends rows as self-describing events to a Snowplow collector (tracker protocol 2, by POST). An event cannot be changed
 * or taken back, so an upsert is an event for each row that is new or has changed.
 */
export const destinationSnowplow = defineDestination({
  name: 'destination-snowplow',
  documentationUrl: 'https://docs.snowplow.io/docs/events/http-requests/',
  spec: configSchema,
  syncModes: ['append', 'append_dedup'],

  async check(config, context) {
    const answer = await clientOf(config, context).send({ method: 'GET', path: '/health', repeatable: true })
    if (!answer.ok) {
      throw configError(
        `${vendor} answered its /health with HTTP ${answer.status}: check collector_url, and that nothing stands before it.`,
      )
    }
  },

  discover: (config) =>
    Promise.resolve({
      operations: eventsOf(config).flatMap(({ offer }) => operationsOf(offer)),
      idempotent: true,
      recommended_batch_size: recommendedBatchSize,
    }),

  async open(config, catalog, context) {
    const http = clientOf(config, context)
    const events = eventsOf(config)
    return new RequestWriter(
      catalog,
      (stream) => sendingOf(config, offered(vendor, events, stream).schema, http),
      config.parallel_requests,
    )
  },
})

interface Event {
  readonly schema: string
  readonly offer: Offer
}

function eventsOf({ events }: SnowplowConfig): Event[] {
  return Object.entries(events).map(([name, schema]) => ({ schema, offer: offerOf(name) }))
}

function offerOf(object_name: string): Offer {
  return {
    object_name,
    json_schema: { type: 'object', additionalProperties: true },
    does: { append: ['append', 'insert'], append_dedup: ['upsert', 'insert'] },
  }
}

function clientOf(config: SnowplowConfig, context: DestinationContext): HttpClient {
  const { collector_url: baseUrl, requests_per_second: perSecond, parallel_requests: burst } = config
  const limiter = context.limiter('requests', { perSecond, burst })
  const timeoutMs = Math.round(config.timeout_seconds * 1000)
  return httpClient({ vendor, baseUrl, timeoutMs, context, limiter, headers: () => config.secret_headers })
}

function sendingOf(config: SnowplowConfig, schema: string, http: HttpClient): Sending {
  const { events_per_request: count, path } = config
  const bytes = config.bytes_per_request - envelopeBytes - stampBytes * count
  return sending<TrackerEvent>({
    limits: { count, bytes: Math.max(bytes, config.bytes_per_request / 2), itemBytes: config.bytes_per_request - 500 },
    prepare: (row, batch) => eventOf(row, batch, schema, config),
    async send(events) {
      const stm = String(Date.now())
      const json = { schema: payloadSchema, data: events.map((event) => ({ ...event, stm })) }
      const answer = await http.send({ method: 'POST', path, json, repeatable: true })
      return answer.ok
        ? taken
        : verdictByStatus(vendor, answer, 'look at secret_headers, and at what stands before it.')
    },
  })
}
