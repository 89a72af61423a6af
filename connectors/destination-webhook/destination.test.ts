import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliver } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import { freePort } from '../../orchestrator/process/index.ts'
import type { VendorMishap } from '../../test/stand-ins/vendor.ts'
import type { JsonData, RowOperation } from '../protocol/index.ts'
import { destinationWebhook } from './destination.ts'
import { signingSecret, startReceiver, type Receiver } from './stand-in.fixture.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  await receiver.close()
  expect(receiver.breaches).toEqual([])
})

const people = (operation: RowOperation = 'upsert') =>
  configuredStream('people', ['id'], { operation, destination_object_name: 'customers' })

function send(rows: readonly JsonData[], config: JsonData = {}, operation?: RowOperation) {
  const given = { url: `${receiver.url}/events`, signing_secret: signingSecret, ...config }
  const fast = { requests_per_second: 1_000, timeout_seconds: 0.3 }
  return deliver(destinationWebhook, { ...fast, ...given }, [people(operation)], [rows])
}

const ids = (...names: string[]): JsonData[] => names.map((id) => ({ id }))

describe('what is sent', () => {
  test('one row a request, as a signed event', async () => {
    const { answers, code } = await send(ids('a', 'b'))
    expect(code).toBe(0)
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [], requests: 2 }])
    expect(receiver.requests.map(({ json }) => json)).toEqual(
      ['a', 'b'].map((id) => ({
        type: 'rows.upsert',
        timestamp: '1970-01-01T00:00:00.001Z',
        data: { object: 'customers', operation: 'upsert', rows: [{ id }] },
      })),
    )
    expect(receiver.ids).toEqual(['run:0/0+1', 'run:0/1+1'])
  })

  test('several rows a request, by count and bytes; one that is too large alone is rejected', async () => {
    const rows = [...ids('a', 'b', 'c'), { id: 'x'.repeat(60) }, { id: 'y'.repeat(100) }, { id: 'd' }]
    const { answers } = await send(rows, { rows_per_request: 2, bytes_per_request: 80 })
    expect(receiver.requests.map(({ json }) => (json as { data: { rows: unknown[] } }).data.rows.length)).toEqual([
      2, 2, 1,
    ])
    expect(answers).toMatchObject([{ rejected: [{ ordinal: 4, code: 'row_too_large' }] }])
  })

  test('rows as they were mapped, alone or as a list', async () => {
    const form = { url: `${receiver.url}/form`, secret_headers: { authorization: 'Bearer t' }, format: 'rows' }
    await send(ids('a', 'b'), form)
    await send(ids('a', 'b'), { ...form, rows_per_request: 5 })
    expect(receiver.taken.map(({ text }) => text)).toEqual(['{"id":"a"}', '{"id":"b"}', '[{"id":"a"},{"id":"b"}]'])
  })

  test('a body of a template, an address of the row, another method for an operation', async () => {
    const config = {
      url: `${receiver.url}/rows/{{ row.id }}`,
      method: 'PUT',
      body: '{"{{ operation }}": {{ row | json }}, "of": {{ object | json }}}',
      operations: { delete: { method: 'DELETE', body: '' }, remove: { method: 'DELETE' } },
      content_type: 'application/json',
    }
    await send([{ id: 'a/../b?c' }], config)
    expect(receiver.taken).toEqual([
      { id: 'a/../b?c', method: 'PUT', text: '{"upsert": {"id":"a/../b?c"}, "of": "customers"}' },
    ])
    const { answers } = await send([{ id: 'a' }], { ...config, content_type: 'text/plain' }, 'delete')
    expect(answers).toMatchObject([{ rejected: [] }])
    expect(receiver.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/rows/a', text: '' })
  })

  test('an access token of the client’s own', async () => {
    const oauth = { token_url: `${receiver.url}/token`, client_id: 'c', client_secret: 's-secret' }
    const form = { url: `${receiver.url}/form`, body: 'name={{ row.id | url_encode }}', content_type: 'text/plain' }
    await send(ids('a b'), { ...form, oauth })
    expect(receiver.taken).toEqual([{ text: 'name=a+b', type: 'text/plain' }])
  })
})

describe('what becomes of rows', () => {
  test('those that the receiver names, in its words without values', async () => {
    const rows = [{ id: 'a' }, { id: 'b', bad: 'mail@b.example' }, { id: 'c', there: 17_171 }, { id: 'd' }]
    const { answers, messages } = await send(rows, { rows_per_request: 10 })
    expect(answers).toMatchObject([
      {
        recordCount: 4,
        rejected: [{ ordinal: 1, code: 'bad', message: '*** is bad' }],
        skipped: [{ ordinal: 2, code: 'there', message: '*** is there' }],
      },
    ])
    expect(JSON.stringify(messages)).not.toMatch(/b\.example|17171/)
  })

  test('a request that is refused is halved until the poison stands alone', async () => {
    const rows = Array.from({ length: 16 }, (_, n) => ({ id: `u${n}`, ...(n === 11 ? { poison: true } : {}) }))
    const { answers } = await send(rows, { rows_per_request: 16 })
    expect(answers).toMatchObject([{ rejected: [{ ordinal: 11, code: 'http_422' }] }])
    expect(receiver.taken).toHaveLength(15)
    expect(receiver.requests).toHaveLength(9)
    expect(new Set(receiver.ids).size).toBe(receiver.ids.length)
  })

  test('a row that its template does not take', async () => {
    const { answers } = await send([{ id: 'a' }, { id: '"' }], {
      ...{ url: `${receiver.url}/form`, secret_headers: { authorization: 'Bearer t' } },
      ...{ body: '{"id": "{{ row.id }}"}' },
    })
    expect(answers).toMatchObject([{ rejected: [{ ordinal: 1, code: 'template_failed' }] }])
  })

  test.each<[RowOperation, string, object]>([
    ['delete', 'gone', { rejected: [], skipped: [] }],
    ['update', 'gone', { skipped: [{ code: 'absent' }] }],
    ['insert', 'there', { skipped: [{ code: 'exists' }] }],
    ['upsert', 'there', { rejected: [{ code: 'http_409' }] }],
    ['upsert', 'gone', { rejected: [{ code: 'http_404' }] }],
  ])('%s of one that is %s, at an address of its own', async (operation, id, expected) => {
    const config = { url: `${receiver.url}/rows/{{ row.id }}`, method: operation === 'delete' ? 'DELETE' : 'PUT' }
    const { answers } = await send([{ id }], config, operation)
    expect(answers).toMatchObject([expected])
  })

  test('statuses that mean success may be named', async () => {
    receiver.mishaps.push({ status: 404 }, { status: 204 })
    expect((await send(ids('a'), { success_statuses: [202, 404] })).answers).toMatchObject([{ rejected: [] }])
    expect((await send(ids('a'), { success_statuses: [202, 404] })).said).toContain('not among success_statuses')
  })
})

describe('when the receiver fails', () => {
  test('429 waits as it is told; a repeated request has the same id and body', async () => {
    receiver.mishaps.push({ status: 429, headers: { 'retry-after': '0.02' } }, { status: 503 }, 'cut', 'fails after')
    const { answers } = await send(ids('a'))
    expect(answers).toMatchObject([{ rejected: [], requests: 5, throttled: 1, retried: 4 }])
    expect(new Set(receiver.requests.map(({ headers, text }) => `${headers['webhook-id']} ${text}`)).size).toBe(1)
    expect(receiver.taken).toEqual([{ id: 'a' }])
  })

  test.each<VendorMishap>(['cut', 'hang', 'fails after', { status: 500 }])(
    'an append whose answer is lost (%j) is not sent again, unless the receiver knows its id',
    async (mishap) => {
      receiver.mishaps.push(null, mishap)
      const unknown = await send(ids('a', 'b', 'c'), {}, 'append')
      expect(unknown).toMatchObject({ code: 1, answers: [] })
      expect(unknown.said).toContain('not known whether the rows were taken')
      expect(receiver.requests).toHaveLength(2)
      receiver.mishaps.push(mishap)
      const known = await send(ids('d'), { receiver_deduplicates: true }, 'append')
      expect(known.answers).toMatchObject([{ rejected: [] }])
    },
  )

  test.each([
    [401, 'credentials'],
    [403, 'does not allow'],
    [404, 'look at url'],
    [302, 'redirection'],
  ])('HTTP %i ends the write', async (status, words) => {
    receiver.mishaps.push({ status, headers: { location: 'https://elsewhere.example/' } })
    const run = await send(ids('a', 'b'))
    expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'config_error' } } })
    expect(run.said).toContain(words)
    expect(receiver.taken).toEqual([])
  })
})

describe('check', () => {
  const check = async (config: JsonData) =>
    (await runProgram(destinationWebhook, 'check', { config: { timeout_seconds: 0.3, ...config } })).said

  test('tells whether somebody answers, or what an address for it says', async () => {
    const url = `${receiver.url}/events`
    expect(await check({ url })).toBe('')
    const named = { url, check_url: `${receiver.url}/health` }
    expect(await check({ ...named, secret_headers: { 'x-key': 'k-secret' } })).toBe('')
    expect(await check(named)).toContain('HTTP 403')
  })

  test.each<[string, JsonData]>([
    ['http or https', { url: 'ftp://x.example' }],
    ['a host of its own', { url: 'https://{{ row.host }}/x' }],
    ['not a Liquid template', { url: 'https://x.example', body: '{{ row.id' }],
    ['rows_per_request has to be 1', { url: 'https://x.example/{{ row.id }}', rows_per_request: 2 }],
    ['at least 16 bytes', { url: 'https://x.example', signing_secret: 'whsec_c2hvcnQ=' }],
  ])('%s', async (words, config) => {
    expect(await check(config)).toContain(words)
  })

  test('nobody there', async () => {
    expect(await check({ url: `http://127.0.0.1:${await freePort()}/` })).toContain('cannot be reached (ECONNREFUSED)')
  })
})

test('discover says whether a batch may be sent again', async () => {
  const discover = (config: JsonData) =>
    runProgram(destinationWebhook, 'discover', { config: { url: 'https://x.example', ...config } })
  expect((await discover({})).messages).toMatchObject([
    { destination_catalog: { idempotent: false, recommended_batch_size: 1 } },
  ])
  expect((await discover({ receiver_deduplicates: true })).messages).toMatchObject([
    { destination_catalog: { idempotent: true, recommended_batch_size: 5_000 } },
  ])
})
