import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { route, startVendor, type StandInRequest, type VendorStandIn } from '../../test/stand-ins/vendor.ts'

export const token = 'meta-token-not-to-be-seen'
export const appSecret = 'meta-secret-not-to-be-seen'
export const audience = '6012345'

export interface MetaStandIn extends VendorStandIn {
  /** Members of the audience, by their first key. */
  readonly members: Map<string, Readonly<Record<string, string>>>
  /** Values that Meta finds invalid, and names. */
  readonly invalid: Set<string>
}

const keyNames = 'EXTERN_ID EMAIL PHONE MADID FN LN FI GEN DOBY DOBM DOBD CT ST ZIP COUNTRY'.split(' ')
const plain = new Set(['EXTERN_ID', 'MADID'])
const body = z.strictObject({
  session: z.strictObject({
    session_id: z.int().positive(),
    batch_seq: z.int().min(1),
    last_batch_flag: z.boolean(),
    estimated_num_total: z.int().min(1),
  }),
  payload: z.strictObject({
    schema: z.array(z.enum(keyNames)).min(1),
    data: z.array(z.array(z.string())).min(1).max(10_000),
  }),
})

function authorised({ headers, query }: StandInRequest): string[] {
  const proof = query.get('appsecret_proof')
  const expected = createHmac('sha256', appSecret).update(token).digest('hex')
  return [
    ...(headers.authorization === `Bearer ${token}` ? [] : ['no access token']),
    ...(proof === null || proof === expected ? [] : ['another proof']),
  ]
}

function hashed({ json }: StandInRequest): string[] {
  const { schema, data } = (json as z.output<typeof body>).payload
  return data.flatMap((values) => [
    ...(values.length === schema.length ? [] : ['a row is not as long as the schema']),
    ...values.flatMap((value, index) =>
      value === '' || plain.has(schema[index] ?? '') || /^[0-9a-f]{64}$/.test(value)
        ? []
        : [`${schema[index]} is plain`],
    ),
  ])
}

export const graphError = (status: number, code: number, error_subcode?: number) => ({
  status,
  body: {
    error: { message: 'about secret@example.com', type: 'OAuthException', code, error_subcode, fbtrace_id: 'x' },
  },
})

/** The Graph API's custom audiences. An id `poison` refuses its request as a whole, without being named. */
export async function startMeta(): Promise<MetaStandIn> {
  const members = new Map<string, Record<string, string>>()
  const invalid = new Set<string>()
  const sessions = new Set<number>()
  const users = (method: 'POST' | 'DELETE') =>
    route({
      ...{ method, path: '/v25.0/:id/users', body },
      check: (request) => [...authorised(request), ...hashed(request)],
      answer: ({ parameters }, { payload: { schema, data }, session }) => {
        if (parameters['id'] !== audience) return graphError(400, 100, 33)
        if (data.some((values) => values.includes('poison'))) return graphError(400, 100)
        if (sessions.has(session.session_id)) return graphError(400, 2650)
        sessions.add(session.session_id)
        const bad = data.flat().filter((value) => invalid.has(value))
        for (const values of data.filter((one) => !one.some((value) => invalid.has(value)))) {
          const person = Object.fromEntries(
            schema.map((key, index) => [key, values[index] ?? '']).filter(([, value]) => value !== ''),
          )
          const id = values.find((value) => value !== '') ?? ''
          if (method === 'POST') members.set(id, person)
          else members.delete(id)
        }
        return {
          body: {
            ...{ audience_id: audience, session_id: String(session.session_id), num_received: data.length },
            num_invalid_entries: bad.length,
            invalid_entry_samples: Object.fromEntries(bad.map((value) => [value, 'is invalid'])),
          },
        }
      },
    })
  const vendor = await startVendor([
    route({
      ...{ method: 'GET', path: '/v25.0/:id/customaudiences', check: authorised },
      answer: ({ query }) =>
        query.get('after') === null
          ? {
              body: {
                data: [
                  { id: audience, subtype: 'CUSTOM' },
                  { id: '2', subtype: 'LOOKALIKE' },
                ],
                paging: { cursors: { after: 'a' }, next: 'more' },
              },
            }
          : { body: { data: [{ id: '3', subtype: 'CUSTOM' }], paging: { cursors: { after: 'b' } } } },
    }),
    route({
      ...{ method: 'GET', path: '/v25.0/:id', check: authorised },
      answer: ({ parameters: { id = '' } }) =>
        id === audience || id === 'act_1' ? { body: { id } } : graphError(400, 100, 33),
    }),
    users('POST'),
    users('DELETE'),
  ])
  return Object.assign(vendor, { members, invalid })
}
