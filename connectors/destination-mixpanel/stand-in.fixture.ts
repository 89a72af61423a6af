import { z } from 'zod'
import type { JsonData } from '../protocol/index.ts'
import {
  route,
  startVendor,
  type StandInAnswer,
  type StandInRequest,
  type VendorStandIn,
} from '../../test/stand-ins/vendor.ts'

export interface MixpanelStandIn extends VendorStandIn {
  /** By what makes two events the same: name, user, time, id. */
  readonly events: Map<string, JsonData>
  /** Properties by distinct id, or by group key and id. */
  readonly profiles: Map<string, JsonData>
}

export const token = 'token-not-to-be-seen'
export const account = { username: 'svc', secret: 'secret-not-to-be-seen', project_id: '42' }

const event = z.strictObject({ event: z.string(), properties: z.record(z.string(), z.unknown()) })
const operation = {
  $set: z.record(z.string(), z.unknown()).optional(),
  $unset: z.array(z.string()).min(1).optional(),
  $delete: z.string().optional(),
}
const oneOperation = (update: { readonly [name in keyof typeof operation]?: unknown }): boolean =>
  Object.keys(operation).filter((name) => name in update).length === 1
const userUpdate = z
  .strictObject({ $token: z.literal(token), $distinct_id: z.string().min(1), ...operation })
  .refine(oneOperation, 'one operation, please')
const groupUpdate = z
  .strictObject({ $token: z.literal(token), $group_key: z.string().min(1), $group_id: z.string().min(1), ...operation })
  .refine(oneOperation, 'one operation, please')

const maxItems = 2_000
const maxBytes = 10_000_000
const maxEvent = 1_000_000

/**
 * Mixpanel by what it documents: strict validation that names what fails by position, takes the other events, and tells of
 * a refused profile with HTTP 200. A property `invalid` is one that an item is refused for; `unnamed` refuses a request
 * without naming the item. Of updates it takes none when it complains, since nothing is documented of the others.
 */
export async function startMixpanel(): Promise<MixpanelStandIn> {
  const events = new Map<string, JsonData>()
  const profiles = new Map<string, JsonData>()

  const take = (
    name: string,
    { $set, $unset = [], $delete }: z.output<typeof userUpdate> | z.output<typeof groupUpdate>,
  ) => {
    if ($delete !== undefined) return void profiles.delete(name)
    const kept = Object.entries({ ...profiles.get(name), ...$set }).filter(([field]) => !$unset.includes(field))
    profiles.set(name, Object.fromEntries(kept))
  }
  const update = <Update extends z.output<typeof userUpdate> | z.output<typeof groupUpdate>>(
    updates: readonly Update[],
    nameOf: (update: Update) => string,
  ): StandInAnswer => {
    const sets = updates.map(({ $set }) => $set ?? {})
    if (sets.some((set) => 'unnamed' in set)) return { body: { status: 0, error: 'something is wrong' } }
    const failed_records = failuresOf(sets, '$set')
    if (failed_records.length > 0) return { body: { code: 400, status: 0, error: 'validation failed', failed_records } }
    for (const one of updates) take(nameOf(one), one)
    return { body: { status: 1, error: null } }
  }

  const vendor = await startVendor([
    route({
      method: 'POST',
      path: '/import',
      body: z.array(event).min(1).max(maxItems),
      check: (request) => [
        ...general(request),
        ...(request.query.get('strict') === '1' ? [] : ['not strict']),
        ...(isAuthorized(request) ? [] : ['the credentials are missing']),
        ...(request.json as unknown[]).filter((one) => bytesOf(one) > maxEvent).map(() => 'an event is too large'),
      ],
      answer: (_, given) => {
        if (given.some(({ properties }) => 'unnamed' in properties)) return { status: 400, body: { code: 400 } }
        const failed_records = failuresOf(
          given.map(({ properties }) => properties),
          'properties',
        ).concat(
          given.flatMap(({ event: name, properties }, index) =>
            name === '' || !isEvent(properties)
              ? [{ index, field: 'event', message: "'event' must not be missing" }]
              : [],
          ),
        )
        const bad = new Set(failed_records.map(({ index }) => index))
        const good = given.filter((__, index) => !bad.has(index))
        for (const one of good) events.set(identityOf(one), one)
        if (bad.size === 0) return { body: { code: 200, num_records_imported: good.length, status: 'OK' } }
        const error = 'some data points in the request failed validation'
        const body = { code: 400, error, failed_records, num_records_imported: good.length, status: 'Bad Request' }
        return { status: 400, body }
      },
    }),
    route({
      method: 'POST',
      path: '/engage',
      body: z.array(userUpdate).min(1).max(maxItems),
      check: checkUpdate,
      answer: (_, updates) => update(updates, ({ $distinct_id }) => $distinct_id),
    }),
    route({
      method: 'POST',
      path: '/groups',
      body: z.array(groupUpdate).min(1).max(maxItems),
      check: checkUpdate,
      answer: (_, updates) => update(updates, ({ $group_key, $group_id }) => `${$group_key} ${$group_id}`),
    }),
  ])
  return { ...vendor, events, profiles }
}

function failuresOf(sets: readonly JsonData[], field: string): { index: number; field: string; message: string }[] {
  return sets.flatMap((set, index) =>
    'invalid' in set ? [{ index, field: `${field}.invalid`, message: `is invalid: ${String(set['invalid'])}` }] : [],
  )
}

function isEvent(properties: JsonData): boolean {
  const { time, distinct_id, $insert_id } = properties
  return Number.isInteger(time) && typeof distinct_id === 'string' && /^[0-9a-z-]{1,36}$/i.test(String($insert_id))
}

function identityOf({ event: name, properties }: z.output<typeof event>): string {
  return JSON.stringify([name, properties['distinct_id'], properties['time'], properties['$insert_id']])
}

function isAuthorized({ headers, query }: StandInRequest): boolean {
  const project = query.get('project_id')
  const expected = project === account.project_id ? `${account.username}:${account.secret}` : `${token}:`
  return headers.authorization === `Basic ${btoa(expected)}`
}

function checkUpdate(request: StandInRequest): string[] {
  const { query, headers } = request
  return [
    ...general(request),
    ...(query.get('ip') === '0' ? [] : ['the place of the sender would be the user’s']),
    ...(headers['content-encoding'] === undefined ? [] : ['profiles are not taken compressed']),
  ]
}

function general({ text, headers }: StandInRequest): string[] {
  return [
    ...(headers['content-type'] === 'application/json' ? [] : ['the content type is not application/json']),
    ...(Buffer.byteLength(text) > maxBytes ? [`more than ${maxBytes} bytes`] : []),
  ]
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
