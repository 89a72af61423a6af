import { z } from 'zod'

const method = z.enum(['POST', 'PUT', 'PATCH', 'DELETE', 'GET'])
const url = z.string().regex(/^https?:\/\/[^/\s{}]+/, 'should be a URL with http or https and a host of its own')
const whole = z.int().positive()

const operationSchema = z.strictObject({
  url: url.optional().meta({ title: 'Address' }),
  method: method.optional().meta({ title: 'Method' }),
  body: z.string().optional().meta({ title: 'Body, as a Liquid template' }),
})

export const operationNames = ['upsert', 'update', 'insert', 'append', 'delete', 'add', 'remove'] as const

export const configSchema = z.object({
  url: url.meta({
    title: 'Address',
    description:
      'Where requests go; its path may be a Liquid template of the row, whose values are encoded for a URL: ' +
      'https://crm.example/customers/{{ row.id }}. Addresses of a private network are allowed.',
    order: 0,
  }),
  method: method.default('POST').meta({ title: 'Method', order: 1 }),
  headers: z.record(z.string(), z.string()).default({}).meta({ title: 'Headers', order: 2 }),
  secret_headers: z.record(z.string(), z.string()).default({}).meta({
    title: 'Headers with secrets',
    description: 'Such as authorization: Bearer ...',
    airbyte_secret: true,
    order: 3,
  }),
  oauth: z
    .strictObject({
      token_url: z.url({ protocol: /^https?$/ }).meta({ title: 'Address of the token endpoint' }),
      client_id: z.string().min(1).meta({ title: 'Client id' }),
      client_secret: z.string().min(1).meta({ title: 'Client secret', airbyte_secret: true }),
      scope: z.string().optional().meta({ title: 'Scope' }),
    })
    .optional()
    .meta({
      title: 'OAuth 2.0 client credentials',
      description: 'The access token is sent as authorization: Bearer.',
      order: 4,
    }),
  signing_secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{22,}={0,2}$/, 'should be whsec_ and at least 16 bytes in base64')
    .optional()
    .meta({
      title: 'Signing secret',
      description: 'whsec_ and a key in base64: each request is signed as Standard Webhooks 1.0 asks.',
      airbyte_secret: true,
      order: 5,
    }),
  format: z
    .enum(['event', 'rows'])
    .default('event')
    .meta({
      title: 'What a body is, without a template',
      description:
        'event: {type, timestamp, data: {object, operation, rows}}. rows: the row alone, as JSON; a list of them ' +
        'where a request has several.',
      order: 6,
    }),
  body: z.string().optional().meta({
    title: 'Body, as a Liquid template',
    description: 'Of row, rows, object, operation, id and timestamp. Values are put in by {{ row.name | json }}.',
    order: 7,
  }),
  content_type: z.string().min(1).default('application/json').meta({ title: 'Content type', order: 8 }),
  operations: z.partialRecord(z.enum(operationNames), operationSchema).default({}).meta({
    title: 'What differs for an operation',
    description: 'For example delete: {method: DELETE}.',
    order: 9,
  }),
  rows_per_request: whole.max(10_000).default(1).meta({ title: 'Rows a request, at most', order: 10 }),
  bytes_per_request: whole.max(32_000_000).default(1_000_000).meta({
    title: 'Bytes a request, at most',
    description: 'Of the rows as JSON. A row that is larger alone is rejected.',
    order: 11,
  }),
  success_statuses: z.array(z.int().min(200).max(499)).min(1).optional().meta({
    title: 'Statuses that mean success',
    description: 'Default: 200 to 299.',
    order: 12,
  }),
  receiver_deduplicates: z.boolean().default(false).meta({
    title: 'The receiver knows a repeated webhook-id',
    description: 'Then a request whose answer was lost is made again also where rows are appended or inserted.',
    order: 13,
  }),
  requests_per_second: z.number().positive().default(10).meta({ title: 'Requests a second', order: 14 }),
  timeout_seconds: z
    .number()
    .positive()
    .default(30)
    .meta({ title: 'Longest wait for an answer, in seconds', order: 15 }),
  check_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'Address that a check asks for',
      description: 'By GET with the same headers; without it a check only tells whether the host answers.',
      order: 16,
    }),
})

export type WebhookConfig = z.output<typeof configSchema>
export type OperationName = (typeof operationNames)[number]
