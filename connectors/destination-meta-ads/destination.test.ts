import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deliver } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import type { VendorMishap } from '../../test/stand-ins/vendor.ts'
import type { JsonData, RowOperation } from '../protocol/index.ts'
import { destinationMetaAds } from './destination.ts'
import { appSecret, audience, graphError, startMeta, token, type MetaStandIn } from './stand-in.fixture.ts'

let meta: MetaStandIn
beforeEach(async () => {
  meta = await startMeta()
})
afterEach(async () => {
  await meta.close()
  expect(meta.breaches).toEqual([])
})

const configOf = (more: JsonData = {}) => ({
  ...{ access_token: token, ad_account_id: 'act_1', api_url: meta.url },
  ...{ requests_per_second: 1_000, timeout_seconds: 0.3, ...more },
})

function send(rows: readonly JsonData[], config: JsonData = {}, operation: RowOperation = 'add', object = audience) {
  const stream = configuredStream('people', {}, { operation, destination_object_name: object })
  return deliver(destinationMetaAds, configOf(config), [stream], [rows])
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const people = (...ids: string[]): JsonData[] => ids.map((external_id) => ({ external_id }))
const mishap = (first: VendorMishap): void => void meta.mishaps.push(null, first)

test('people are added by what is known of them, normalised and hashed', async () => {
  const rows = [
    { external_id: 'u1', email: ' A@Example.com ', phone: '0151 23456789', country: 'DE' },
    { email: sha('b@example.com'), first_name: 'Zoë', city: 'New York' },
  ]
  const { answers, said } = await send(rows, { app_secret: appSecret })
  expect([said, answers]).toMatchObject(['', [{ recordCount: 2, rejected: [] }]])
  expect(meta.requests.at(-1)?.json).toMatchObject({
    session: { batch_seq: 1, last_batch_flag: true, estimated_num_total: 2 },
    payload: {
      schema: ['EXTERN_ID', 'EMAIL', 'PHONE', 'FN', 'CT', 'COUNTRY'],
      data: [
        ['u1', sha('a@example.com'), sha('4915123456789'), '', '', sha('de')],
        ['', sha('b@example.com'), '', sha('zoë'), sha('newyork'), ''],
      ],
    },
  })
})

test('and taken away', async () => {
  await send(people('a', 'b', 'c'))
  await send(people('b', 'x'), {}, 'remove')
  expect([...meta.members.keys()]).toEqual(['a', 'c'])
})

test('rows by which nobody can be found are rejected; one poison row does not hold up the others', async () => {
  const rows = [
    { country: 'DE' },
    { email: 'no address' },
    ...people('a', 'poison', 'b'),
    { email: null, external_id: 'c' },
  ]
  const { answers, messages } = await send(rows, { users_per_request: 4 })
  expect(answers).toMatchObject([
    {
      rejected: [
        { ordinal: 0, code: 'no_identifier' },
        { ordinal: 1, code: 'invalid_identifier' },
        { ordinal: 3, code: 'meta_100' },
      ],
    },
  ])
  expect([...meta.members.keys()]).toEqual(['a', 'b', 'c'])
  expect(JSON.stringify(messages)).not.toMatch(/no address|secret@/)
})

test('entries that Meta names as invalid are those rows', async () => {
  meta.invalid.add('b')
  const { answers } = await send(people('a', 'b', 'c'))
  expect(answers).toMatchObject([{ rejected: [{ ordinal: 1, code: 'invalid_entry' }] }])
})

test.each([17, 613, 80_003])('code %i is waited for', async (code) => {
  mishap(graphError(400, code))
  expect((await send(people('a'))).answers).toMatchObject([{ rejected: [], throttled: 1 }])
})

test('429, 500, cut connections and time-outs are tried again, in a session of their own', async () => {
  meta.mishaps.push(
    null,
    { status: 429, headers: { 'retry-after': '0.02' } },
    { status: 500 },
    'cut before',
    graphError(400, 2),
  )
  expect((await send(people('a'))).answers).toMatchObject([{ rejected: [], retried: 4 }])
})

test.each<[number, number, number | undefined, string]>([
  [400, 190, undefined, 'expired or was revoked'],
  [401, 190, undefined, 'does not accept the credentials'],
  [403, 200, undefined, 'ads_management'],
  [400, 100, 1_713_230, 'restricted by Meta'],
  [400, 2_650, undefined, 'audience of a customer list'],
])('HTTP %i with code %i (%j) ends the write', async (status, code, subcode, words) => {
  mishap(graphError(status, code, subcode))
  const run = await send(people('a'))
  expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'config_error' } } })
  expect(run.said).toContain(words)
  expect(run.said).not.toContain('secret')
})

test('an audience that is not there, and what cannot be done, are refused before anything is sent', async () => {
  expect((await send(people('a'), {}, 'add', '77')).said).toContain('Meta does not know the audience 77')
  expect((await send(people('a'), {}, 'add', 'vip')).said).toContain('is no id of an audience')
  expect((await send(people('a'), {}, 'update')).said).toContain('has no update')
})

test('check asks for the ad account; discover lists customer lists', async () => {
  const run = (command: 'check' | 'discover', more = {}) =>
    runProgram(destinationMetaAds, command, { config: configOf(more) })
  expect((await run('check')).said).toBe('')
  expect((await run('check', { ad_account_id: '9' })).said).toContain('the ad account act_9')
  const [message] = (await run('discover')).messages
  const names =
    message?.type === 'DESTINATION_CATALOG' ? message.destination_catalog.operations.map((one) => one.object_name) : []
  expect([...new Set(names)]).toEqual([audience, '3'])
})
