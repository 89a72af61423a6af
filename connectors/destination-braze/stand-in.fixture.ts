import { z } from 'zod'
import type { JsonData } from '../protocol/index.ts'
import { route, startVendor, type StandInRequest, type VendorStandIn } from '../../test/stand-ins/vendor.ts'

export interface BrazeStandIn extends VendorStandIn {
  /** Attributes by identifier, as they came; a null takes one away. */
  readonly profiles: Map<string, JsonData>
  readonly events: JsonData[]
  readonly purchases: JsonData[]
  readonly deleted: unknown[]
  /** `<group> <user>` and the state. */
  readonly subscriptions: Map<string, string>
}

export const apiKey = 'braze-key-not-to-be-seen'

const identity = {
  external_id: z.string().min(1).optional(),
  braze_id: z.string().min(1).optional(),
  user_alias: z.strictObject({ alias_name: z.string().min(1), alias_label: z.string().min(1) }).optional(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  _update_existing_only: z.boolean().optional(),
}
const properties = z.record(z.string(), z.unknown()).optional()
const time = z.iso.datetime({ offset: true })
const attribute = z.looseObject(identity)
const event = z.strictObject({ ...identity, app_id: z.string().optional(), name: z.string().min(1), time, properties })
const purchase = z.strictObject({
  ...identity,
  app_id: z.string().optional(),
  product_id: z.string().min(1).max(255),
  currency: z.string(),
  price: z.number(),
  quantity: z.int().optional(),
  time,
  properties,
})
const trackBody = z.strictObject({
  attributes: z.array(attribute).optional(),
  events: z.array(event).optional(),
  purchases: z.array(purchase).optional(),
})
const found = z.array(
  z.strictObject({
    email: z.string().optional(),
    phone: z.string().optional(),
    prioritization: z.array(z.string()).min(1),
  }),
)
const deleteBody = z.strictObject({
  external_ids: z.array(z.string()).max(50).optional(),
  user_aliases: z
    .array(z.strictObject({ alias_name: z.string(), alias_label: z.string() }))
    .max(50)
    .optional(),
  braze_ids: z.array(z.string()).max(50).optional(),
  email_addresses: found.max(50).optional(),
  phone_numbers: found.max(50).optional(),
})
const users = z.array(z.string().min(1)).min(1).max(50).optional()
const subscriptionBody = z.strictObject({
  subscription_groups: z
    .array(
      z.strictObject({
        subscription_group_id: z.string().min(1),
        subscription_state: z.enum(['subscribed', 'unsubscribed']),
        external_ids: users,
        emails: users,
        phones: users,
      }),
    )
    .length(1),
})

const maxBody = 4_000_000
const maxObject = 100_000
const maxObjects = 75

/**
 * Braze by what it documents: limits of objects and bytes, complaints by array and position with what else is taken, and
 * a 400 when nothing is. A price below zero and a currency of other than three letters are complained of; an attribute
 * `unnamed` is one that the request is refused for without a position.
 */
export async function startBraze(): Promise<BrazeStandIn> {
  const profiles = new Map<string, JsonData>()
  const events: JsonData[] = []
  const purchases: JsonData[] = []
  const deleted: unknown[] = []
  const subscriptions = new Map<string, string>()

  const track = (body: z.output<typeof trackBody>): { status: number; body: unknown } => {
    const arrays = Object.entries(body)
    const all = arrays.flatMap(([array, objects]) => objects.map((object, index) => ({ array, object, index })))
    if (all.some(({ object }) => 'unnamed' in object)) return { status: 400, body: { message: 'Invalid request' } }
    const errors = all.flatMap(({ array, object, index }) => {
      const type = complaintOf(object)
      return type === null ? [] : [{ type, input_array: array, index }]
    })
    if (errors.length === all.length) return { status: 400, body: { message: nothingValid, errors } }
    for (const { array, object } of all) {
      if (complaintOf(object) !== null) continue
      if (array === 'attributes') profiles.set(nameOf(object), { ...profiles.get(nameOf(object)), ...object })
      else (array === 'events' ? events : purchases).push(object)
    }
    return { status: 201, body: { message: 'success', ...(errors.length === 0 ? {} : { errors }) } }
  }

  const vendor = await startVendor([
    route({
      method: 'POST',
      path: '/users/track',
      body: trackBody,
      check: (request) => {
        const arrays = Object.values((request.json ?? {}) as Record<string, readonly unknown[]>)
        const objects = arrays.flat()
        return [
          ...general(request),
          ...(objects.length > maxObjects ? [`more than ${maxObjects} objects`] : []),
          ...objects
            .filter((one) => Buffer.byteLength(JSON.stringify(one)) > maxObject)
            .map(() => 'an object is too large'),
        ]
      },
      answer: (_, body) => track(body),
    }),
    route({
      method: 'POST',
      path: '/users/delete',
      body: deleteBody.refine((body) => Object.keys(body).length === 1, 'identifiers of one kind, please'),
      check: general,
      answer: (_, body) => {
        const list = Object.values(body).flat()
        deleted.push(...list)
        return { status: 201, body: { deleted: list.length, message: 'success' } }
      },
    }),
    route({
      method: 'POST',
      path: '/v2/subscription/status/set',
      body: subscriptionBody,
      check: general,
      answer: (_, { subscription_groups }) => {
        for (const { subscription_group_id, subscription_state, external_ids, emails, phones } of subscription_groups) {
          const all = external_ids ?? emails ?? phones ?? []
          if (all.includes('not a phone')) return { status: 400, body: { message: 'Invalid phone numbers' } }
          for (const user of all) subscriptions.set(`${subscription_group_id} ${user}`, subscription_state)
        }
        return { status: 201, body: { message: 'success' } }
      },
    }),
  ])
  return { ...vendor, profiles, events, purchases, deleted, subscriptions }
}

const nothingValid = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."

function general({ headers, text }: StandInRequest): string[] {
  return [
    ...(headers.authorization === `Bearer ${apiKey}` ? [] : ['the API key is missing']),
    ...(headers['content-type'] === 'application/json' ? [] : ['the content type is not application/json']),
    ...(Buffer.byteLength(text) > maxBody ? [`more than ${maxBody} bytes`] : []),
  ]
}

function nameOf(object: z.output<typeof attribute>): string {
  const { external_id, braze_id, user_alias, email, phone } = object
  return external_id ?? braze_id ?? user_alias?.alias_name ?? email ?? phone ?? ''
}

function complaintOf(object: JsonData): string | null {
  if (nameOf(object as z.output<typeof attribute>) === '') {
    return "'external_id' or 'braze_id' or 'user_alias' or 'email' or 'phone' is required"
  }
  if (typeof object['price'] === 'number' && object['price'] < 0) return "'price' is not valid"
  if (typeof object['currency'] === 'string' && object['currency'].length !== 3) {
    return `'currency' ${object['currency']} is not valid`
  }
  return null
}
