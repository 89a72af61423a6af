import {
  accessTokens,
  configError,
  defineDestination,
  DestinationError,
  httpClient,
  operationOf,
  type DestinationCatalog,
  type DestinationContext,
  type HttpClient,
} from '../kit/index.ts'
import { configSchema, type WebhookConfig } from './config.ts'
import { formOf } from './form.ts'
import { WebhookWriter } from './writer.ts'

const vendor = 'The webhook'
const rowsOfKnownBatches = 5_000
const checkAttempts = 2

const anything = { type: 'object', additionalProperties: true }

/** What rows mean is the receiver's own affair: it is told by each request. */
const operations: DestinationCatalog['operations'] = [
  { object_name: '*', sync_mode: 'append', json_schema: anything, row_operations: ['append', 'insert'] },
  { object_name: '*', sync_mode: 'append_dedup', json_schema: anything, row_operations: ['upsert', 'insert', 'add'] },
  { object_name: '*', sync_mode: 'update', json_schema: anything, row_operations: ['update'] },
  { object_name: '*', sync_mode: 'soft_delete', json_schema: anything, row_operations: ['delete', 'remove'] },
]

/** Sends rows to any address, one or several a request, signed, in the form that it asks for. */
export const destinationWebhook = defineDestination({
  name: 'destination-webhook',
  documentationUrl: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  spec: configSchema,
  syncModes: ['append', 'append_dedup', 'update', 'soft_delete'],

  async check(config, context) {
    formOf(config, 'upsert')
    for (const operation of Object.keys(config.operations)) formOf(config, operation as keyof typeof config.operations)
    const http = clientOf(config, context, checkAttempts)
    const { check_url: url, headers, secret_headers: secrets } = config
    if (url === undefined) return reach(http, new URL(config.url).origin)
    const answer = await http.send({
      ...{ method: 'GET', path: url, repeatable: true },
      headers: { ...headers, ...secrets },
    })
    if (!answer.ok) {
      throw configError(`The webhook’s check_url answered with HTTP ${answer.status}: look at it, and at the headers.`)
    }
  },

  // Where a repeated request is not recognised, a batch is one request: what is not known of it is no more than that.
  discover: ({ receiver_deduplicates: idempotent, rows_per_request: rows }) =>
    Promise.resolve({
      operations,
      idempotent,
      recommended_batch_size: idempotent ? Math.max(rows, rowsOfKnownBatches) : rows,
    }),

  async open(config, catalog, context) {
    const used = new Set(catalog.streams.map(operationOf))
    const forms = new Map([...used].map((operation) => [operation, formOf(config, operation)]))
    return new WebhookWriter(config, clientOf(config, context), forms)
  },
})

/** Whether somebody answers there, be it that the page at the host's root is not for us. */
async function reach(http: HttpClient, path: string): Promise<void> {
  try {
    await http.send({ method: 'GET', path, repeatable: true })
  } catch (error) {
    if (!(error instanceof DestinationError) || error.failureType !== 'config_error') throw error
  }
}

function clientOf(config: WebhookConfig, context: DestinationContext, attempts?: number): HttpClient {
  const options = {
    ...{ vendor, context, baseUrl: '', timeoutMs: config.timeout_seconds * 1000 },
    ...(attempts === undefined ? {} : { attempts }),
  }
  const { requests_per_second: perSecond, oauth } = config
  const limiter = context.limiter('requests', { perSecond, burst: Math.max(1, Math.floor(perSecond)) })
  if (oauth === undefined) return httpClient({ ...options, limiter })
  const { token_url: tokenUrl, ...client } = oauth
  const tokens = accessTokens({
    vendor: 'The webhook’s token endpoint',
    http: httpClient({ ...options, vendor: 'The webhook’s token endpoint' }),
    tokenUrl,
    parameters: { grant_type: 'client_credentials', ...client },
  })
  const headers = async () => ({ authorization: `Bearer ${await tokens.get()}` })
  return httpClient({ ...options, limiter, headers, renew: tokens.forget })
}
