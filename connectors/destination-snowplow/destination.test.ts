import { afterEach, beforeEach, expect, test } from 'vitest'
import { deliver } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import type { VendorMishap } from '../../test/stand-ins/vendor.ts'
import type { JsonData, RowOperation } from '../protocol/index.ts'
import { destinationSnowplow } from './destination.ts'
import { startCollector, type Collector } from './stand-in.fixture.ts'

let collector: Collector
beforeEach(async () => {
  collector = await startCollector()
})
afterEach(async () => {
  await collector.close()
  expect(collector.breaches).toEqual([])
})

const schema = 'iglu:com.acme/tier_changed/jsonschema/1-0-0'
const configOf = (more: JsonData = {}) => ({
  ...{ collector_url: collector.url, events: { tier_changed: schema } },
  ...{ requests_per_second: 1_000, timeout_seconds: 0.3, ...more },
})

function send(rows: readonly JsonData[], config: JsonData = {}, operation: RowOperation = 'append') {
  return deliver(destinationSnowplow, configOf(config), [configuredStream('tier_changed', {}, { operation })], [rows])
}

const users = (...names: string[]): JsonData[] => names.map((user_id) => ({ user_id }))

test('a row is a self-describing event, all of whose parameters are texts', async () => {
  const contexts = [{ schema: 'iglu:com.acme/plan/jsonschema/1-0-0', data: { name: 'pro' } }]
  const event_id = '6f2c7d1e-0a53-4f0e-9a55-2f4f0f8f1c11'
  const rows = [
    { user_id: 7, tier: 'gold', at: 3.5, tags: ['a'], gone: null, contexts, true_tstamp: '2026-01-02T03:04:05Z' },
    { user_id: 'u2', event_id, domain_userid: 'd', contexts: JSON.stringify(contexts) },
  ]
  const { answers, said } = await send(rows, { app_id: 'shop', namespace: 'dwh' })
  expect(said).toBe('')
  expect(answers).toMatchObject([{ recordCount: 2, rejected: [], requests: 1 }])
  const [first, second] = [...collector.events.values()]
  expect(first).toEqual({
    parameters: expect.objectContaining({
      ...{ e: 'ue', p: 'srv', aid: 'shop', tna: 'dwh', uid: '7', dtm: '1', ttm: '1767323045000' },
      ...{ eid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/), stm: expect.stringMatching(/^\d{13}$/) },
    }),
    ...{ schema, data: { tier: 'gold', at: 3.5, tags: ['a'], gone: null }, contexts },
  })
  expect(second).toMatchObject({ parameters: { eid: event_id, uid: 'u2', duid: 'd' }, data: {}, contexts })
})

test('a batch that is sent again has the same events; another batch has others', async () => {
  collector.mishaps.push('cut', 'fails after')
  await send(users('a', 'b'))
  await send(users('a', 'b'))
  expect([collector.events.size, collector.repeated()]).toEqual([2, 6])
  await deliver(
    destinationSnowplow,
    configOf(),
    [configuredStream('tier_changed', {}, { operation: 'insert' })],
    [users('a'), users('b', 'c')],
  )
  expect(collector.events.size).toBe(4)
})

test('requests keep to count and bytes; a row that is too large is refused alone', async () => {
  const rows = [...users('a', 'b', 'c'), { user_id: 'x'.repeat(600_000) }, { user_id: 'y'.repeat(300_000) }]
  const { answers } = await send([...rows, { user_id: 'z'.repeat(300_000) }], { events_per_request: 2 })
  expect(answers).toMatchObject([{ rejected: [{ ordinal: 3, code: 'too_large' }] }])
  expect(collector.events.size).toBe(5)
})

test('a request that is refused as a whole is halved until the row stands alone', async () => {
  const rows = users(...'abcdefgh').map((row, n) => (n === 5 ? { ...row, poison: 1 } : row))
  const { answers } = await send(rows, {}, 'upsert')
  expect(answers).toMatchObject([{ rejected: [{ ordinal: 5, code: 'refused' }] }])
  expect(collector.events.size).toBe(7)
})

test.each([
  ['invalid_event_id', { event_id: 'no-uuid-secret' }],
  ['invalid_true_tstamp', { true_tstamp: 'yesterday-secret' }],
  ['invalid_contexts', { contexts: [{ schema: 'secret', data: {} }] }],
  ['invalid_contexts', { contexts: 'no json secret' }],
])('%s, before it is sent', async (code, row) => {
  const { answers, messages } = await send([row, { user_id: 'b' }])
  expect(answers).toMatchObject([{ rejected: [{ ordinal: 0, code }] }])
  expect(JSON.stringify(messages)).not.toContain('secret')
})

test('429 waits as it is told, a time-out is tried again', async () => {
  collector.mishaps.push({ status: 429, headers: { 'retry-after': '0.02' } }, 'hang')
  const { answers } = await send(users('a'))
  expect(answers).toMatchObject([{ rejected: [], throttled: 1, retried: 2 }])
})

test.each<[VendorMishap, string]>([
  [{ status: 401 }, 'credentials'],
  [{ status: 403 }, 'forbids'],
  [{ status: 404 }, 'nothing at this address'],
])('%j ends the write', async (mishap, words) => {
  collector.mishaps.push(mishap)
  const run = await send(users('a'))
  expect(run).toMatchObject({ code: 1, answers: [] })
  expect(run.said).toContain(words)
})

test('an event that is not configured, and a deletion, are refused before anything is sent', async () => {
  const other = await deliver(destinationSnowplow, configOf(), [configuredStream('other', {})], [[{}]])
  expect(other.said).toContain('has no object other. It has tier_changed')
  expect((await send(users('a'), {}, 'delete')).said).toContain('tier_changed has no delete')
})

test('check asks for the collector’s health; discover lists the events', async () => {
  const run = (command: 'check' | 'discover') => runProgram(destinationSnowplow, command, { config: configOf() })
  expect((await run('check')).messages).toMatchObject([{ connectionStatus: { status: 'SUCCEEDED' } }])
  collector.mishaps.push({ status: 404 })
  expect((await run('check')).said).toContain('/health with HTTP 404: check collector_url')
  expect((await run('discover')).messages).toMatchObject([
    { destination_catalog: { idempotent: true, operations: [{ object_name: 'tier_changed' }, {}] } },
  ])
})
