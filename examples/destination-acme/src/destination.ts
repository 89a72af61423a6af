import {
  configError,
  defineDestination,
  httpClient,
  offered,
  operationsOf,
  type DestinationContext,
  type HttpClient,
  type Offer,
} from 'traitline/connector'
import { configSchema, type AcmeConfig } from './config.ts'
import { AcmeWriter } from './writer.ts'

/** What Acme can do with a contact: say here only what is true, since modes that need more are refused. */
const contacts: Offer = {
  object_name: 'contacts',
  json_schema: {
    type: 'object',
    properties: {
      email: { type: 'string', format: 'email' },
      name: { type: ['null', 'string'] },
      lifetime_value: { type: ['null', 'number'] },
    },
    required: ['email'],
  },
  matching_keys: [['email']],
  does: { append_dedup: ['upsert'], soft_delete: ['delete'] },
}

export const destinationAcme = defineDestination({
  name: 'destination-acme',
  documentationUrl: 'https://docs.acme.example/api',
  spec: configSchema,
  syncModes: ['append_dedup', 'soft_delete'],

  /** Throws, with a message that says what to do, unless rows could be written. */
  async check(config, context) {
    const answer = await clientOf(config, context).send({ method: 'GET', path: '/v1/me', repeatable: true })
    if (!answer.ok) throw configError(`Acme answered with HTTP ${answer.status}: look at api_url.`)
  },

  /** `idempotent`: a batch may be sent again, since contacts are upserted and deleted by their e-mail address. */
  discover: () => Promise.resolve({ operations: operationsOf(contacts), idempotent: true }),

  async open(config, catalog, context) {
    for (const stream of catalog.streams) offered('Acme', [{ offer: contacts }], stream)
    return new AcmeWriter(clientOf(config, context))
  },
})

function clientOf({ api_url, api_key, requests_per_second }: AcmeConfig, context: DestinationContext): HttpClient {
  return httpClient({
    vendor: 'Acme',
    baseUrl: api_url,
    timeoutMs: 30_000,
    context,
    // By its name it is shared with all who write to the same account.
    limiter: context.limiter('requests', { perSecond: requests_per_second }),
    headers: () => ({ authorization: `Bearer ${api_key}` }),
  })
}
