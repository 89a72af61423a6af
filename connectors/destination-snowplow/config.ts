import { z } from 'zod'

/** `iglu:vendor/name/format/model-revision-addition`. */
export const igluUri = /^iglu:[A-Za-z0-9_.-]+\/[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\/[0-9]+-[0-9]+-[0-9]+$/

export const configSchema = z.object({
  collector_url: z.url({ protocol: /^https?$/ }).meta({ title: 'Address of the collector', order: 0 }),
  events: z
    .record(z.string(), z.string().regex(igluUri, 'should be like iglu:com.acme/trait_changed/jsonschema/1-0-0'))
    .meta({
      title: 'Events',
      description: 'By the name of the stream, the Iglu schema of the event that its rows become.',
      order: 1,
    }),
  app_id: z.string().min(1).default('traitline').meta({ title: 'Application', description: 'app_id.', order: 2 }),
  platform: z.string().min(1).default('srv').meta({ title: 'Platform', description: 'srv: a server.', order: 3 }),
  namespace: z.string().min(1).default('traitline').meta({ title: 'Name of the tracker', order: 4 }),
  path: z.string().startsWith('/').default('/com.snowplowanalytics.snowplow/tp2').meta({
    title: 'Path',
    description: 'Another one where the collector is configured so.',
    order: 5,
  }),
  secret_headers: z.record(z.string(), z.string()).default({}).meta({
    title: 'Headers with secrets',
    description: 'For a proxy before the collector.',
    airbyte_secret: true,
    order: 6,
  }),
  bytes_per_request: z.int().min(1_000).max(1_000_000).default(500_000).meta({
    title: 'Bytes a request, at most',
    description: 'The collector and its stream set the limit; an event that is larger alone is rejected.',
    order: 7,
  }),
  events_per_request: z
    .int()
    .positive()
    .max(10_000)
    .default(500)
    .meta({ title: 'Events a request, at most', order: 8 }),
  requests_per_second: z.number().positive().default(20).meta({ title: 'Requests a second', order: 9 }),
  parallel_requests: z.int().positive().max(16).default(4).meta({ title: 'Requests at once', order: 10 }),
  timeout_seconds: z
    .number()
    .positive()
    .default(30)
    .meta({ title: 'Longest wait for an answer, in seconds', order: 11 }),
})

export type SnowplowConfig = z.output<typeof configSchema>
