import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliver, type GivenRow } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import type { VendorMishap } from '../../test/stand-ins/vendor.ts'
import type { ConfiguredAirbyteStream, JsonData, RowOperation } from '../protocol/index.ts'
import { destinationMixpanel } from './destination.ts'
import { account, startMixpanel, token, type MixpanelStandIn } from './stand-in.fixture.ts'

let mixpanel: MixpanelStandIn
beforeEach(async () => {
  mixpanel = await startMixpanel()
})
afterEach(async () => {
  const { breaches } = mixpanel
  await mixpanel.close()
  expect(breaches).toEqual([])
})

const settings = (more: JsonData = {}): JsonData => {
  return { project_token: token, api_url: mixpanel.url, requests_per_second: 100_000, ...more }
}

function stream(object: string, operation: RowOperation, key?: string): ConfiguredAirbyteStream {
  const primary_key = key === undefined ? {} : { primary_key: [[key]] }
  return configuredStream('s', {}, { operation, destination_object_name: object, ...primary_key })
}

const events = stream('events', 'append')
const users = (operation: RowOperation) => stream('users', operation, 'distinct_id')
const write = (to: ConfiguredAirbyteStream, rows: readonly GivenRow[], more: JsonData = {}) =>
  deliver(destinationMixpanel, settings(more), [to], [rows])
const bodies = (): unknown[] => mixpanel.requests.map(({ json }) => json)

describe('events', () => {
  test('other fields are properties; time is in milliseconds; the id is the row’s', async () => {
    const { answers, said } = await write(events, [
      { event: 'Left', distinct_id: 7, time: '2026-01-02T03:04:05Z', properties: '{"why": {"a": 1}}', days: 3 },
      { event: 'Came', distinct_id: 'u' },
    ])
    expect(said).toBe('')
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [], skipped: [], requests: 1 }])
    const $insert_id = expect.stringMatching(/^[0-9a-f]{32}$/) as string
    expect(bodies()).toEqual([
      [
        {
          event: 'Left',
          properties: { time: 1_767_323_045_000, distinct_id: '7', $insert_id, why: { a: 1 }, days: 3 },
        },
        { event: 'Came', properties: { time: 1, distinct_id: 'u', $insert_id } },
      ],
    ])
    expect(mixpanel.requests[0]?.headers['content-encoding']).toBe('gzip')
  })

  test('a service account imports into its project', async () => {
    await write(events, [{ event: 'E', distinct_id: 'u' }], { service_account: account })
    expect(mixpanel.requests[0]?.query.get('project_id')).toBe('42')
    expect(mixpanel.events.size).toBe(1)
  })

  test('what fails validation is the row that is named; the others are there', async () => {
    const rows = Array.from({ length: 50 }, (_, n) => ({
      ...{ event: 'E', distinct_id: `u${n}` },
      ...(n === 7 ? { invalid: 'x' } : n === 30 ? { invalid: 'private' } : {}),
    }))
    const { answers, messages } = await write(events, rows)
    expect(answers).toMatchObject([
      {
        rejected: [
          { ordinal: 7, code: 'refused', message: 'properties.invalid: is invalid: x' },
          { ordinal: 30, code: 'refused', message: 'Mixpanel finds the row not valid.' },
        ],
        requests: 1,
      },
    ])
    expect(mixpanel.events.size).toBe(48)
    expect(JSON.stringify(messages)).not.toContain('private')
  })

  test('requests keep to 2,000 events and 10 MB', async () => {
    await write(
      events,
      Array.from({ length: 2_001 }, (_, n) => ({ event: 'E', distinct_id: `u${n}` })),
    )
    expect(bodies().map((body) => (body as unknown[]).length)).toEqual([2_000, 1])
    const large = Array.from({ length: 12 }, (_, n) => ({
      event: 'L',
      distinct_id: `u${n}`,
      note: 'x'.repeat(900_000),
    }))
    await write(events, large)
    expect(mixpanel.events.size).toBe(2_013)
  })

  test.each<[string, VendorMishap]>([
    ['429', { status: 429, headers: { 'retry-after': '0.05' } }],
    ['HTTP 503', { status: 503, headers: { 'retry-after': '0.05' } }],
    ['HTTP 500 after the effect', 'fails after'],
    ['a cut connection after the effect', 'cut'],
    ['no answer in time', 'hang'],
  ])('%s: sent again, and each event is there once', async (_, mishap) => {
    mixpanel.mishaps.push(mishap)
    // Only who waits for nothing should wait briefly: others may be slow for another reason.
    const patience = mishap === 'hang' ? { timeout_seconds: 1 } : {}
    const { answers } = await write(events, [{ event: 'E', distinct_id: 'u' }], patience)
    expect(answers).toMatchObject([{ recordCount: 1, rejected: [] }])
    expect(answers[0]?.retried).toBeGreaterThan(0)
    expect(mixpanel.events.size).toBe(1)
  })

  test('so it is when the batch is sent again by another process', async () => {
    await write(events, [{ event: 'E', distinct_id: 'u' }])
    await write(events, [{ event: 'E', distinct_id: 'u' }])
    expect([mixpanel.requests.length, mixpanel.events.size]).toEqual([2, 1])
  })
})

describe('profiles', () => {
  test('of users: values are set, nulls are taken away', async () => {
    await write(users('upsert'), [{ distinct_id: 'u', tier: 'gold', $email: 'a@example.com', gone: null }])
    expect(mixpanel.requests[0]?.path).toBe('/engage')
    const profile = { $token: token, $distinct_id: 'u' }
    const $set = { tier: 'gold', $email: 'a@example.com' }
    expect(bodies()).toEqual([
      [
        { ...profile, $set },
        { ...profile, $unset: ['gone'] },
      ],
    ])
    await write(users('delete'), [{ distinct_id: 'u' }, { distinct_id: 'never there' }])
    expect(bodies()[1]).toEqual([
      { ...profile, $delete: '' },
      { $token: token, $distinct_id: 'never there', $delete: '' },
    ])
    expect(mixpanel.profiles.size).toBe(0)
  })

  test('of groups', async () => {
    await write(stream('groups/company', 'upsert', 'group_id'), [{ group_id: 5, name: 'Initech' }])
    await write(stream('groups/company', 'delete', 'group_id'), [{ group_id: 6 }])
    const group = { $token: token, $group_key: 'company' }
    expect(bodies()).toEqual([
      [{ ...group, $group_id: '5', $set: { name: 'Initech' } }],
      [{ ...group, $group_id: '6', $delete: '' }],
    ])
  })

  test('a refused update refuses its row, whichever half of it, and the others are sent again', async () => {
    const rows = [
      { distinct_id: 'a', tier: 'gold', gone: null },
      { distinct_id: 'b', tier: 'gold' },
      { distinct_id: 'c', invalid: 'x', gone: null },
      { distinct_id: 'd', gone: null },
    ]
    const { answers } = await write(users('upsert'), rows)
    expect(answers).toMatchObject([{ recordCount: 4, rejected: [{ ordinal: 2, code: 'refused' }], requests: 2 }])
    expect([...mixpanel.profiles]).toEqual([
      ['a', { tier: 'gold' }],
      ['b', { tier: 'gold' }],
      ['d', {}],
    ])
  })

  test('a complaint that names nothing, with HTTP 200, is halved', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({ distinct_id: `u${n}`, ...(n === 11 ? { unnamed: 1 } : {}) }))
    const { answers } = await write(users('upsert'), rows)
    expect(answers).toMatchObject([{ recordCount: 40, rejected: [{ ordinal: 11, code: 'refused' }] }])
    expect(mixpanel.profiles.size).toBe(39)
  })

  test('requests keep to 2,000 updates', async () => {
    await write(
      users('upsert'),
      Array.from({ length: 1_500 }, (_, n) => ({ distinct_id: `u${n}`, a: 1, gone: null })),
    )
    expect(bodies().map((body) => (body as unknown[]).length)).toEqual([2_000, 1_000])
  })
})

test.each([
  ['no_event', events, { distinct_id: 'private' }],
  ['no_distinct_id', events, { event: 'private' }],
  ['invalid_time', events, { event: 'E', distinct_id: 'u', time: 'private' }],
  ['invalid_properties', events, { event: 'E', distinct_id: 'u', properties: 'private' }],
  ['too_large', events, { event: 'E', distinct_id: 'u', note: 'private'.repeat(150_000) }],
  ['no_distinct_id', users('upsert'), { tier: 'private' }],
])('%s is refused before it is sent, alone', async (code, to, row) => {
  const { answers, messages } = await write(to, [row, { event: 'E', distinct_id: 'v' }])
  expect(answers).toMatchObject([{ recordCount: 2, rejected: [{ ordinal: 0, code }], requests: 1 }])
  expect(JSON.stringify(messages)).not.toContain('private')
})

describe('check and discover', () => {
  const check = (config: JsonData = settings()) => runProgram(destinationMixpanel, 'check', { config })

  test.each([
    ['a token', {}],
    ['a service account', { service_account: account }],
  ])('%s that may import; nothing is left behind', async (_, more) => {
    expect((await check(settings(more))).messages).toMatchObject([{ connectionStatus: { status: 'SUCCEEDED' } }])
    expect(mixpanel.events.size).toBe(0)
  })

  test.each([
    [401, 'does not accept the credentials'],
    [403, 'owner or administrator'],
    [404, 'check the address and the region'],
  ])('HTTP %d', async (status, words) => {
    mixpanel.mishaps.push({ status }, { status })
    const { messages, said } = await check(settings({ service_account: account }))
    expect(messages).toMatchObject([{ connectionStatus: { status: 'FAILED' } }])
    expect(said).toContain(words)
    const run = await write(events, [{ event: 'E', distinct_id: 'u' }])
    expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'config_error' } } })
    expect(said + run.said).not.toContain('not-to-be-seen')
  })

  test('what is offered', async () => {
    const { messages } = await runProgram(destinationMixpanel, 'discover', { config: settings() })
    const { destination_catalog: catalog } = messages[0] as unknown as {
      destination_catalog: { operations: JsonData[] }
    }
    expect(catalog).toMatchObject({ idempotent: true })
    expect(catalog.operations.map((one) => [one['object_name'], one['row_operations']])).toEqual([
      ['events', ['append', 'insert']],
      ['users', ['upsert']],
      ['users', ['delete']],
      ['groups/*', ['upsert']],
      ['groups/*', ['delete']],
    ])
  })

  test.each([
    [users('update'), 'Mixpanel’s users has no update'],
    [stream('events', 'delete'), 'Mixpanel’s events has no delete'],
    [stream('people', 'upsert'), 'no object people. It has events, users, groups/*'],
  ])('what is not is refused before anything is sent', async (to, words) => {
    const run = await write(to, [{ distinct_id: 'u' }])
    expect(run.code).toBe(1)
    expect(run.said).toContain(words)
    expect(mixpanel.requests).toEqual([])
  })
})
