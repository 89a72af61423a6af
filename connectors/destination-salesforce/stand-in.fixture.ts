import { z } from 'zod'
import { route, startVendor, type StandInRequest, type VendorStandIn } from '../../test/stand-ins/vendor.ts'
import type { JsonData } from '../protocol/index.ts'

export interface SalesforceStandIn extends VendorStandIn {
  /** By Id. */
  readonly records: Map<string, JsonData>
  /** `<key> <status code>`: what happens to the record with the key, once for each. */
  readonly refusals: string[]
  /** Requests of collections and queries, as sent. */
  readonly sent: () => StandInRequest[]
  usage: string
  /** The token that is valid. */
  token: string
  add(record: JsonData): string
}

export const clientSecret = 'salesforce-secret-not-to-be-seen'
const key = 'External_Id__c'
const base = '/services/data/v64.0'

const record = z.looseObject({ attributes: z.strictObject({ type: z.literal('Contact') }) })
const body = z.strictObject({ allOrNone: z.literal(false), records: z.array(record).min(1).max(200) })

const fields = [
  { name: 'Id', type: 'id', label: 'Contact ID', idLookup: true, createable: false },
  { name: 'LastName', type: 'string', label: 'Last Name', createable: true, updateable: true },
  { name: 'Score__c', type: 'double', label: 'Score', createable: true, updateable: true },
  { name: key, type: 'string', label: 'External', externalId: true, createable: true, updateable: true },
  { name: 'Number__c', type: 'double', label: 'Number', externalId: true, createable: true, updateable: true },
]

/** An organisation with contacts: sign-in, collections, queries and descriptions, as Salesforce documents them. */
export async function startSalesforce(): Promise<SalesforceStandIn> {
  const records = new Map<string, JsonData>()
  const refusals: string[] = []
  let tokens = 0
  const idOf = (n: number): string => `003${String(n).padStart(12, '0')}AAA`
  const add = (given: JsonData): string => {
    const id = idOf(records.size + 1)
    records.set(id, { ...given, Id: id })
    return id
  }
  const failure = (code: string, message = `${code} happened`, names: string[] = []): JsonData => {
    return { success: false, errors: [{ statusCode: code, message, fields: names }] }
  }
  const planned = (own: unknown): JsonData | null => {
    const at = refusals.findIndex((one) => one.startsWith(`${String(own)} `))
    return at < 0 ? null : failure(refusals.splice(at, 1)[0]?.split(' ')[1] ?? '')
  }
  const withFields = ({ attributes: _, ...rest }: JsonData): JsonData => rest
  const byKey = (value: unknown): string | undefined =>
    [...records.values()].find((one) => one[key] === value)?.['Id'] as string | undefined
  const guarded = (answer: (request: StandInRequest, given: z.output<typeof body>) => unknown) => {
    return (request: StandInRequest, given: z.output<typeof body>) => {
      if (request.headers.authorization !== `Bearer ${stand.token}`) {
        return { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'expired' }] }
      }
      if (given?.records?.some((one) => one['Nothing__c'] !== undefined)) {
        return { status: 400, body: [{ errorCode: 'INVALID_FIELD', message: 'No such column' }] }
      }
      if (given?.records?.some((one) => one['Score__c'] === 'private')) {
        return { status: 400, body: [{ errorCode: 'JSON_PARSER_ERROR', message: 'Cannot deserialize private' }] }
      }
      return { headers: { 'sforce-limit-info': `api-usage=${stand.usage}` }, body: answer(request, given) }
    }
  }
  const vendor = await startVendor([
    {
      method: 'POST',
      path: '/services/oauth2/token',
      check: ({ text }) => {
        const form = new URLSearchParams(text)
        const refreshes = form.get('grant_type') === 'refresh_token' && form.has('refresh_token')
        return refreshes || form.get('grant_type') === 'client_credentials' ? [] : ['no grant']
      },
      answer: ({ text }) => {
        if (new URLSearchParams(text).get('client_secret') !== clientSecret) {
          return { status: 400, body: { error: 'invalid_client' } }
        }
        stand.token = `token-${++tokens}`
        return { body: { access_token: stand.token, instance_url: stand.url } }
      },
    },
    { method: 'GET', path: `${base}/sobjects`, answer: guarded(() => ({ sobjects: [] })) as never },
    { method: 'GET', path: `${base}/sobjects/Contact/describe`, answer: guarded(() => ({ fields })) as never },
    {
      method: 'GET',
      path: `${base}/query`,
      check: ({ query }) =>
        encodeURIComponent(query.get('q') ?? '').length > 16_000 ? ['the address is too long'] : [],
      answer: guarded(({ query }) => {
        const [, field = '', list = ''] =
          /^SELECT Id, (\w+) FROM Contact WHERE \w+ IN \((.*)\)$/s.exec(query.get('q') ?? '') ?? []
        const wanted = [...list.matchAll(/'((?:[^'\\]|\\.)*)'|(-?[\d.]+)/g)].map(([, text, number]) =>
          text === undefined ? Number(number) : text.replace(/\\(.)/g, '$1').toLowerCase(),
        )
        const found = [...records.values()].filter((one) => {
          const own = one[field]
          return wanted.includes(typeof own === 'string' ? own.toLowerCase() : (own as number))
        })
        return {
          done: true,
          totalSize: found.length,
          records: found.map((one) => ({ Id: one['Id'], [field]: one[field] })),
        }
      }) as never,
    },
    route({
      method: 'PATCH',
      path: `${base}/composite/sobjects/Contact/${key}`,
      body,
      check: ({ json }) =>
        (json as z.output<typeof body>).records.flatMap((one) =>
          typeof one[key] !== 'string' ? ['a record has no external id'] : 'id' in one || 'Id' in one ? ['an id'] : [],
        ),
      answer: guarded((_, { records: given }) =>
        given.map((one) => {
          const refusal = planned(one[key])
          if (refusal !== null) return refusal
          const known = byKey(one[key])
          const id = known ?? add(withFields(one))
          records.set(id, { ...records.get(id), ...withFields(one) })
          return { id, success: true, errors: [], created: known === undefined }
        }),
      ) as never,
    }),
    route({
      method: 'POST',
      path: `${base}/composite/sobjects`,
      body,
      answer: guarded((_, { records: given }) =>
        given.map((one) => {
          if (one[key] !== undefined && byKey(one[key]) !== undefined) return failure('DUPLICATE_VALUE')
          return planned(one[key]) ?? { id: add(withFields(one)), success: true, errors: [] }
        }),
      ) as never,
    }),
    route({
      method: 'PATCH',
      path: `${base}/composite/sobjects`,
      body,
      check: ({ json }) =>
        (json as z.output<typeof body>).records.flatMap((one) => (typeof one['id'] === 'string' ? [] : ['no id'])),
      answer: guarded((_, { records: given }) =>
        given.map(({ id, ...one }) => {
          const known = records.get(id as string)
          if (known === undefined) return failure('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
          records.set(id as string, { ...known, ...withFields(one) })
          return { id, success: true, errors: [] }
        }),
      ) as never,
    }),
    {
      method: 'DELETE',
      path: `${base}/composite/sobjects`,
      check: ({ query }) => {
        const ids = (query.get('ids') ?? '').split(',')
        return ids.length > 200 || query.get('allOrNone') !== 'false' ? ['too many ids, or all or none'] : []
      },
      answer: guarded(({ query }) =>
        (query.get('ids') ?? '').split(',').map((id) => {
          return records.delete(id) ? { id, success: true, errors: [] } : failure('ENTITY_IS_DELETED')
        }),
      ) as never,
    },
  ])
  const stand: SalesforceStandIn = Object.assign(vendor, {
    records,
    refusals,
    usage: '1/100',
    token: '',
    add,
    sent: () => vendor.requests.filter(({ path }) => path.startsWith(`${base}/composite`)),
  })
  return stand
}
