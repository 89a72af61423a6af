import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliver, type GivenRow } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import type { VendorMishap } from '../../test/stand-ins/vendor.ts'
import type { ConfiguredAirbyteStream, JsonData, RowOperation } from '../protocol/index.ts'
import { destinationBraze } from './destination.ts'
import { apiKey, startBraze, type BrazeStandIn } from './stand-in.fixture.ts'

let braze: BrazeStandIn
beforeEach(async () => {
  braze = await startBraze()
})
afterEach(async () => {
  const { breaches } = braze
  await braze.close()
  expect(breaches).toEqual([])
})

const settings = (more: JsonData = {}): JsonData => {
  return { api_key: apiKey, endpoint: braze.url, requests_per_second: 100_000, ...more }
}

function stream(object: string, operation: RowOperation, key?: string): ConfiguredAirbyteStream {
  const primary_key = key === undefined ? {} : { primary_key: [[key]] }
  return configuredStream('s', {}, { operation, destination_object_name: object, ...primary_key })
}

const write = (to: ConfiguredAirbyteStream, rows: readonly GivenRow[], more: JsonData = {}) =>
  deliver(destinationBraze, settings(more), [to], [rows])

const users = (operation: RowOperation, key = 'external_id') => stream('users', operation, key)
const bodies = (): unknown[] => braze.requests.map(({ json }) => json)

describe('profiles', () => {
  test('upsert: fields are attributes, and a null takes one away', async () => {
    const rows = [
      { external_id: 7, email: 'a@example.com', tier: 'gold', ltv: 1.5, gone: null, more: { a: [1] } },
      { external_id: 'u2', tier: null },
    ]
    const { answers, said } = await write(users('upsert'), rows)
    expect(said).toBe('')
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [], skipped: [], requests: 1 }])
    expect(braze.requests[0]?.path).toBe('/users/track')
    expect(bodies()).toEqual([{ attributes: [{ ...rows[0], external_id: '7' }, rows[1]] }])
  })

  test('update changes only those that are there', async () => {
    await write(users('update'), [{ external_id: 'u1', tier: 'gold' }])
    expect(bodies()).toEqual([{ attributes: [{ external_id: 'u1', tier: 'gold', _update_existing_only: true }] }])
  })

  test.each([
    ['braze_id', { braze_id: 'x' }],
    ['email', { email: 'x' }],
    ['phone', { phone: 'x' }],
    ['alias_name', { user_alias: { alias_name: 'x', alias_label: 'crm' }, _update_existing_only: false }],
  ])('matched by %s', async (key, identity) => {
    await write(users('upsert', key), [{ [key]: 'x', tier: 'gold' }], { alias_label: 'crm' })
    expect(bodies()).toEqual([{ attributes: [{ tier: 'gold', ...identity }] }])
  })

  test.each([
    ['external_id', { external_ids: ['x', 'y'] }],
    ['braze_id', { braze_ids: ['x', 'y'] }],
    ['alias_name', { user_aliases: ['x', 'y'].map((alias_name) => ({ alias_name, alias_label: 'traitline' })) }],
    ['email', { email_addresses: ['x', 'y'].map((email) => ({ email, prioritization })) }],
    ['phone', { phone_numbers: ['x', 'y'].map((phone) => ({ phone, prioritization })) }],
  ])('deleted by %s', async (key, body) => {
    const { answers } = await write(users('delete', key), [{ [key]: 'x' }, { [key]: 'y' }])
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [] }])
    expect(braze.requests[0]?.path).toBe('/users/delete')
    expect(bodies()).toEqual([body])
  })

  test('requests keep to the limits: 75 objects, 50 deletions, 4 MB', async () => {
    const many = Array.from({ length: 160 }, (_, n) => ({ external_id: `u${n}` }))
    await write(users('upsert'), many)
    await write(users('upsert'), many.slice(0, 60), { objects_per_request: 50 })
    await write(users('delete'), many.slice(0, 51))
    const counts = bodies().map((body) => Object.values(body as Record<string, unknown[]>).flat().length)
    expect(counts).toEqual([75, 75, 10, 50, 10, 50, 1])
    const large = Array.from({ length: 50 }, (_, n) => ({ external_id: `l${n}`, note: 'x'.repeat(99_000) }))
    await write(users('upsert'), large)
    expect(braze.profiles.size).toBe(210)
  })
})

const prioritization = ['unidentified', 'most_recently_updated']

describe('events and purchases', () => {
  test('events: other fields are properties; without a time it is when the row was sent first', async () => {
    const time = '2026-01-02T03:04:05.000Z'
    await write(stream('events', 'append'), [
      { external_id: 'u', name: 'Left', time, app_id: 'app', properties: '{"why": {"price": 1}}', days: 3 },
      { email: 'a@example.com', name: 'Came' },
    ])
    expect(bodies()).toEqual([
      {
        events: [
          { external_id: 'u', name: 'Left', time, app_id: 'app', properties: { why: { price: 1 }, days: 3 } },
          { email: 'a@example.com', name: 'Came', time: new Date(1).toISOString() },
        ],
      },
    ])
  })

  test('purchases', async () => {
    const time = '2026-01-02T03:04:05Z'
    const row = { external_id: 'u', product_id: 'p', currency: 'EUR', time }
    await write(stream('purchases', 'insert'), [
      { ...row, price: '12.50' },
      { ...row, price: 1, quantity: 3, color: 'red' },
    ])
    const object = { ...row, time: '2026-01-02T03:04:05.000Z' }
    expect(bodies()).toEqual([
      {
        purchases: [
          { ...object, price: 12.5, quantity: 1 },
          { ...object, price: 1, quantity: 3, properties: { color: 'red' } },
        ],
      },
    ])
  })

  test.each<[string, VendorMishap]>([
    ['HTTP 500', 'fails after'],
    ['a cut connection', 'cut'],
    ['no answer in time', 'hang'],
  ])('%s leaves the outcome unknown: never sent again by itself', async (_, mishap) => {
    braze.mishaps.push(mishap)
    const patience = mishap === 'hang' ? { timeout_seconds: 1 } : {}
    const { answers, code, said } = await write(stream('events', 'append'), [{ external_id: 'u', name: 'E' }], patience)
    expect([answers, code]).toEqual([[], 1])
    expect(said).toContain('not known whether the rows were taken')
    expect(braze.events).toHaveLength(1)
  })
})

describe('subscription groups', () => {
  test.each([
    ['add', 'external_id', 'external_ids', 'subscribed'],
    ['remove', 'email', 'emails', 'unsubscribed'],
    ['add', 'phone', 'phones', 'subscribed'],
  ] as const)('%s by %s', async (operation, key, list, subscription_state) => {
    const rows = Array.from({ length: 51 }, (_, n) => ({ [key]: `u${n}` }))
    const { answers } = await write(stream('subscription_groups/g-1', operation, key), rows)
    expect(answers).toMatchObject([{ recordCount: 51, rejected: [], requests: 2 }])
    const group = { subscription_group_id: 'g-1', subscription_state }
    expect(bodies()[1]).toEqual({ subscription_groups: [{ ...group, [list]: ['u50'] }] })
    expect(braze.subscriptions.get('g-1 u50')).toBe(subscription_state)
  })

  test('a request that is refused as a whole is halved until the row stands alone', async () => {
    const rows = Array.from({ length: 32 }, (_, n) => ({ phone: n === 20 ? 'not a phone' : `+49${n}` }))
    const { answers, messages } = await write(stream('subscription_groups/g', 'add', 'phone'), rows)
    expect(answers).toMatchObject([{ recordCount: 32, rejected: [{ ordinal: 20, code: 'refused' }] }])
    expect(braze.subscriptions.size).toBe(31)
    expect(JSON.stringify(messages)).not.toContain('not a phone')
  })
})

describe('what Braze does not take', () => {
  const purchase = { external_id: 'u', product_id: 'p', currency: 'EUR', price: 1 }
  const to = stream('purchases', 'append')

  test('is the row that it names, by position, in each request', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => ({ ...purchase, price: n === 3 || n === 80 ? -1 : n }))
    const { answers } = await write(to, rows)
    const message = "Braze: 'price' is not valid"
    expect(answers).toMatchObject([
      {
        recordCount: 100,
        rejected: [
          { ordinal: 3, code: 'refused', message },
          { ordinal: 80, code: 'refused', message },
        ],
        requests: 2,
      },
    ])
    expect(braze.purchases).toHaveLength(98)
  })

  test('all of them: named in a 400, without another request', async () => {
    const { answers } = await write(to, [
      { ...purchase, price: -1 },
      { ...purchase, price: -2 },
    ])
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [{ ordinal: 0 }, { ordinal: 1 }], requests: 1 }])
  })

  test('its words are kept unless they repeat a value', async () => {
    const { answers, messages } = await write(to, [{ ...purchase, currency: 'private' }, purchase])
    expect(answers).toMatchObject([{ rejected: [{ ordinal: 0, message: 'Braze refuses the object.' }] }])
    expect(JSON.stringify(messages)).not.toContain('private')
  })

  test('a 400 that names none is halved', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({ external_id: `u${n}`, ...(n === 17 ? { unnamed: 1 } : {}) }))
    const { answers } = await write(users('upsert'), rows)
    expect(answers).toMatchObject([{ recordCount: 40, rejected: [{ ordinal: 17, code: 'refused' }] }])
    expect(braze.profiles.size).toBe(39)
  })

  test.each([
    ['no_identifier', users('upsert'), { email: 'private' }],
    ['no_identifier', stream('events', 'append'), { name: 'private' }],
    ['no_name', stream('events', 'append'), { external_id: 'private' }],
    ['invalid_time', stream('events', 'append'), { external_id: 'u', name: 'E', time: 'private' }],
    ['invalid_properties', stream('events', 'append'), { external_id: 'u', name: 'E', properties: 'private' }],
    ['no_price', to, { ...purchase, price: 'private' }],
    ['no_currency', to, { ...purchase, currency: null }],
    ['no_product_id', to, { ...purchase, product_id: '' }],
    ['too_large', users('upsert'), { external_id: 'u', note: 'private'.repeat(15_000) }],
  ])('%s is refused before it is sent, alone', async (code, target, row) => {
    const { answers, messages } = await write(target, [row, { ...purchase, name: 'E', properties: {} }])
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [{ ordinal: 0, code }] }])
    expect(braze.requests).toHaveLength(1)
    expect(JSON.stringify(messages)).not.toContain('private')
  })
})

describe('rates', () => {
  test.each<[string, VendorMishap]>([
    ['Retry-After', { status: 429, headers: { 'retry-after': '0.05' } }],
    ['the end of the window', { status: 429, headers: { 'x-ratelimit-reset': '1' } }],
  ])('429 with %s: again, events too', async (_, mishap) => {
    braze.mishaps.push(mishap)
    const { answers } = await write(stream('events', 'append'), [{ external_id: 'u', name: 'E' }])
    expect(answers).toMatchObject([{ recordCount: 1, rejected: [], throttled: 1, retried: 1 }])
    expect(braze.events).toHaveLength(1)
  })

  test.each<[string, VendorMishap]>([
    ['HTTP 500', 'fails after'],
    ['a cut connection', 'cut'],
  ])('%s: attributes are sent again', async (_, mishap) => {
    braze.mishaps.push(mishap)
    const { answers } = await write(users('upsert'), [{ external_id: 'u', tier: 'gold' }])
    expect(answers).toMatchObject([{ recordCount: 1, rejected: [], retried: 1 }])
  })
})

describe('check and discover', () => {
  const check = () => runProgram(destinationBraze, 'check', { config: settings() })

  test('a good key', async () => {
    expect((await check()).messages).toMatchObject([{ connectionStatus: { status: 'SUCCEEDED' } }])
  })

  test.each([
    [401, 'REST API key of the instance'],
    [403, 'permission users.track'],
    [404, 'check the address'],
  ])('HTTP %d', async (status, words) => {
    braze.mishaps.push({ status }, { status })
    const { messages, said } = await check()
    expect(messages).toMatchObject([{ connectionStatus: { status: 'FAILED' } }])
    expect(said).toContain(words)
    expect(said).not.toContain(apiKey)
    const run = await write(users('upsert'), [{ external_id: 'u' }])
    expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'config_error' } } })
  })

  test('what is offered', async () => {
    const { messages } = await runProgram(destinationBraze, 'discover', { config: settings() })
    const { destination_catalog: catalog } = messages[0] as unknown as {
      destination_catalog: { operations: JsonData[] }
    }
    expect(catalog).toMatchObject({ idempotent: false })
    expect(catalog.operations.map((one) => [one['object_name'], one['row_operations']])).toEqual([
      ['users', ['upsert']],
      ['users', ['update']],
      ['users', ['delete']],
      ['events', ['append', 'insert']],
      ['purchases', ['append', 'insert']],
      ['subscription_groups/*', ['add']],
      ['subscription_groups/*', ['remove']],
    ])
  })

  test.each([
    [users('insert'), 'Braze’s users has no insert'],
    [stream('events', 'upsert'), 'Braze’s events has no upsert'],
    [stream('people', 'upsert'), 'no object people'],
    [stream('subscription_groups/g', 'add', 'alias_name'), 'know no alias_name'],
  ])('what is not is refused before anything is sent', async (to, words) => {
    const run = await write(to, [{ external_id: 'u' }])
    expect(run.code).toBe(1)
    expect(run.said).toContain(words)
    expect(braze.requests).toEqual([])
  })
})
