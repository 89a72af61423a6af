import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { route, startVendor, type StandInRequest, type VendorStandIn } from '../../test/stand-ins/vendor.ts'

export const signingSecret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`

const event = z.strictObject({
  type: z.string().regex(/^rows\.(upsert|update|insert|append|delete|add|remove)$/),
  timestamp: z.iso.datetime(),
  data: z.strictObject({
    object: z.string().min(1),
    operation: z.string().min(1),
    rows: z.array(z.record(z.string(), z.unknown())).min(1),
  }),
})

export type Row = Readonly<Record<string, unknown>>

export interface Receiver extends VendorStandIn {
  /** Rows that were taken, by requests that took effect; a webhook-id counts once. */
  readonly taken: Row[]
  /** Ids of the requests that took effect, repeated ones too. */
  readonly ids: string[]
}

/** Checks what Standard Webhooks asks of a sender. */
function signed({ headers, text, at }: StandInRequest): string[] {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers
  const now = (performance.timeOrigin + at) / 1_000
  const key = Buffer.from(signingSecret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.${text}`)
    .digest('base64')
  return [
    ...(typeof id === 'string' && id.length <= 200 && !id.includes('.') ? [] : ['no webhook-id']),
    ...(Math.abs(Number(timestamp) - now) < 300 ? [] : ['not signed just now']),
    ...(signature === `v1,${expected}` ? [] : ['the signature is another']),
  ]
}

/**
 * A receiver with its own rules: `/events` takes signed events, refuses a request with a `poison` row as a whole (422),
 * and names rows that are `bad` or `there`; `/rows/:id` is one resource a row; `/form` takes a form with a token.
 */
export async function startReceiver(): Promise<Receiver> {
  const taken: Row[] = []
  const ids: string[] = []
  const seen = new Set<string>()
  const take = ({ headers }: StandInRequest, rows: readonly Row[]): void => {
    const id = String(headers['webhook-id'])
    ids.push(id)
    if (!seen.has(id)) taken.push(...rows)
    seen.add(id)
  }
  const vendor = await startVendor([
    route({
      ...{ method: 'POST', path: '/events', body: event, check: signed },
      answer: (request, { data: { rows } }) => {
        if (rows.some(({ poison }) => poison === true)) return { status: 422 }
        const issues = (name: string): object[] =>
          rows.flatMap((row, index) =>
            row[name] === undefined ? [] : [{ index, code: name, message: `${String(row[name])} is ${name}` }],
          )
        take(
          request,
          rows.filter(({ bad, there }) => bad === undefined && there === undefined),
        )
        return { status: 202, body: { rejected: issues('bad'), skipped: issues('there') } }
      },
    }),
    ...(['PUT', 'DELETE'] as const).map((method) =>
      route({
        ...{ method, path: '/rows/:id' },
        answer: (request) => {
          const { id = '' } = request.parameters
          if (id === 'gone') return { status: 404 }
          if (id === 'there') return { status: 409 }
          take(request, [{ id, method, text: request.text }])
          return {}
        },
      }),
    ),
    route({
      ...{ method: 'POST', path: '/form' },
      check: ({ headers }) => (headers['authorization'] === 'Bearer t' ? [] : ['no token']),
      answer: (request) => {
        take(request, [{ text: request.text, type: request.headers['content-type'] }])
        return { status: 204 }
      },
    }),
    route({
      ...{ method: 'POST', path: '/token' },
      check: ({ text }) =>
        text === 'grant_type=client_credentials&client_id=c&client_secret=s-secret' ? [] : [`another grant`],
      answer: () => ({ body: { access_token: 't', expires_in: 3_600 } }),
    }),
    route({ method: 'GET', path: '/', answer: () => ({ status: 401 }) }),
    route({
      ...{ method: 'GET', path: '/health' },
      answer: ({ headers }) => ({ status: headers['x-key'] === 'k-secret' ? 200 : 403 }),
    }),
  ])
  return Object.assign(vendor, { taken, ids })
}
