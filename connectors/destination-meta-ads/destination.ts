import { createHmac, randomInt } from 'node:crypto'
import { z } from 'zod'
import {
  configError,
  defineDestination,
  httpClient,
  objectOf,
  offered,
  operationOf,
  operationsOf,
  RequestWriter,
  retry,
  sending,
  transientError,
  type ConfiguredAirbyteStream,
  type DestinationContext,
  type HttpAnswer,
  type HttpRequest,
  type Offer,
  type Refusal,
  type Sending,
  type Verdict,
} from '../kit/index.ts'
import { accountOf, configSchema, type MetaConfig } from './config.ts'
import { fields, personOf, rowSchema, tableOf, type Person } from './keys.ts'
import { pauseAfter, refusalOf, throttledBy } from './outcome.ts'

const attempts = 5
const audiencesAPage = 200
const maxPages = 25
/** One hashed user with all keys has about a kilobyte. */
const limits = { bytes: 30_000_000, itemBytes: 100_000 }

/** Adds people to custom audiences of customer lists at Meta, and takes them away, by hashed identifiers. */
export const destinationMetaAds = defineDestination({
  name: 'destination-meta-ads',
  documentationUrl: 'https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences',
  spec: configSchema,
  syncModes: ['append', 'append_dedup', 'soft_delete'],

  async check(config, context) {
    const { ask } = apiOf(config, context)
    await ask({ method: 'GET', path: `/${accountOf(config)}?fields=id` }, `the ad account ${accountOf(config)}`)
  },

  async discover(config, context) {
    const operations = (await audiences(config, context)).map(offerOf).flatMap(operationsOf)
    return { operations, idempotent: true, recommended_batch_size: config.users_per_request }
  },

  async open(config, catalog, context) {
    const api = apiOf(config, context)
    for (const id of new Set(catalog.streams.map(objectOf))) {
      if (!/^\d+$/.test(id))
        throw configError(`${id} is no id of an audience: that is a number, as Audience Manager shows it.`)
      await api.ask({ method: 'GET', path: `/${id}?fields=id` }, `the audience ${id}`)
    }
    const one = (stream: ConfiguredAirbyteStream): Sending => {
      offered('Meta', [{ offer: offerOf(objectOf(stream)) }], stream)
      return sendingOf(config, api, objectOf(stream), removes(stream), context)
    }
    return new RequestWriter(catalog, one, 1)
  },
})

function removes(stream: ConfiguredAirbyteStream): boolean {
  return ['remove', 'delete'].includes(operationOf(stream))
}

function offerOf(object_name: string): Offer {
  return {
    object_name,
    json_schema: rowSchema,
    matching_keys: fields.map((field) => [field]),
    // Senders that know of rows alone mean the same by theirs.
    does: { append: ['add', 'append'], append_dedup: ['add', 'upsert'], soft_delete: ['remove', 'delete'] },
  }
}

const page = z.object({
  data: z.array(z.object({ id: z.string(), subtype: z.string().optional() })),
  paging: z.object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() }).optional(),
})

/** Ids of the ad account's audiences that are customer lists. */
async function audiences(config: MetaConfig, context: DestinationContext): Promise<string[]> {
  const { ask } = apiOf(config, context)
  const ids: string[] = []
  let after: string | undefined
  for (let pages = 0; pages < maxPages; pages++) {
    const query = new URLSearchParams({ fields: 'id,subtype', limit: String(audiencesAPage), ...(after && { after }) })
    const path = `/${accountOf(config)}/customaudiences?${query.toString()}`
    const answer = page.parse((await ask({ method: 'GET', path }, `the audiences of ${accountOf(config)}`)).json)
    ids.push(...answer.data.filter(({ subtype }) => subtype === 'CUSTOM').map(({ id }) => id))
    after = answer.paging?.cursors?.after
    if (answer.paging?.next === undefined || after === undefined) break
  }
  return ids
}

interface Api {
  /** Asks for something that has to be there; `what` is its name for people. */
  readonly ask: (request: Pick<HttpRequest, 'method' | 'path'>, what: string) => Promise<HttpAnswer>
  /** Makes a request that may be made again; what it was refused for is thrown, or told of as a verdict. */
  readonly call: (request: Omit<HttpRequest, 'repeatable'>, what: string) => Promise<HttpAnswer | Verdict>
}

function apiOf(config: MetaConfig, context: DestinationContext): Api {
  const { access_token: token, app_secret: secret, api_url, api_version } = config
  const http = httpClient({
    ...{ vendor: 'Meta', context, baseUrl: `${api_url.replace(/\/+$/, '')}/${api_version}`, throttledBy, pauseAfter },
    timeoutMs: Math.round(config.timeout_seconds * 1000),
    limiter: context.limiter('requests', { perSecond: config.requests_per_second, burst: 1 }),
    headers: () => ({ authorization: `Bearer ${token}` }),
  })
  const proof = secret === undefined ? null : createHmac('sha256', secret).update(token).digest('hex')
  const proved = (path: string): string =>
    proof === null ? path : `${path}${path.includes('?') ? '&' : '?'}appsecret_proof=${proof}`
  const call: Api['call'] = (request, what) =>
    retry(
      async () => {
        const answer = await http.send({ ...request, path: proved(request.path), repeatable: true })
        return answer.ok ? answer : refusalOf(answer, what)
      },
      { attempts, signal: context.signal, onRetry: () => context.meter.retried() },
    ).catch((error: unknown) => {
      throw error instanceof Error && error.name === 'RetryLater' ? transientError(`${error.message}.`, error) : error
    })
  const ask: Api['ask'] = async (request, what) => {
    const answer = await call(request, what)
    if ('refused' in answer) throw configError(`${answer.whole?.message ?? ''} It was about ${what}: check its id.`)
    return answer
  }
  return { call, ask }
}

const resultSchema = z.object({
  num_received: z.number().optional(),
  num_invalid_entries: z.number().default(0),
  invalid_entry_samples: z.unknown().optional(),
})

function sendingOf(
  config: MetaConfig,
  { call }: Api,
  id: string,
  removing: boolean,
  { log }: DestinationContext,
): Sending {
  const what = `the audience ${id}`
  return sending<Person>({
    limits: { ...limits, count: config.users_per_request },
    prepare: ({ value }) => personOf(value, config.country),
    async send(people) {
      const table = tableOf(people)
      // A session is used once and is then closed, so one that is sent again is another one.
      const session = {
        session_id: randomInt(1, 2 ** 47),
        batch_seq: 1,
        last_batch_flag: true,
        estimated_num_total: people.length,
      }
      const answer = await call(
        { method: removing ? 'DELETE' : 'POST', path: `/${id}/users`, json: { session, payload: table } },
        what,
      )
      if ('refused' in answer) return answer
      const result = resultSchema.parse(answer.json)
      const refused = namedRows(table.data, result.invalid_entry_samples)
      if (result.num_invalid_entries > refused.size) {
        log.warn(
          `Meta finds ${result.num_invalid_entries} of ${people.length} entries invalid, and names ${refused.size}.`,
        )
      }
      return { refused, whole: null }
    },
  })
}

/** Samples name entries by what was sent of them; what several people share, such as a country, names nobody. */
function namedRows(data: readonly (readonly string[])[], samples: unknown): ReadonlyMap<number, Refusal> {
  const words = new Set(wordsOf(samples))
  if (words.size === 0) return new Map()
  const holders = new Map<string, number | null>()
  for (const [index, values] of data.entries()) {
    for (const value of values) if (value !== '') holders.set(value, holders.has(value) ? null : index)
  }
  const named = [...holders].flatMap(([value, index]) => (index !== null && words.has(value) ? [index] : []))
  return new Map(named.map((index) => [index, { code: 'invalid_entry', message: 'Meta finds the entry invalid.' }]))
}

/** Whole names and texts of the samples, and hashes wherever they stand in them. */
function wordsOf(samples: unknown): string[] {
  if (typeof samples === 'string') return [samples, ...(samples.match(/[0-9a-f]{64}/g) ?? [])]
  if (typeof samples !== 'object' || samples === null) return []
  return Object.entries(samples).flatMap(([name, value]) => [...wordsOf(name), ...wordsOf(value)])
}
