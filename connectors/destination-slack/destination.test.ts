import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configuredStream, recordLine, runProgram, stateLine } from '../../test/harness/destination.ts'
import { startSlackStandIn, type Mishap, type SlackStandIn } from '../../test/stand-ins/slack.ts'
import { freePort } from '../../orchestrator/process/index.ts'
import type { JsonData } from '../protocol/index.ts'
import { destinationSlack } from './destination.ts'

let slack: SlackStandIn
beforeEach(async () => {
  slack = await startSlackStandIn()
})
afterEach(async () => {
  const { breaches } = slack
  await slack.close()
  expect(breaches).toEqual([])
})

const token = 'xoxb-not-to-be-seen'
const alerts = configuredStream('alerts', ['text'], { destination_object_name: '#retention', operation: 'insert' })

function write(rows: readonly JsonData[], config: JsonData = {}) {
  const lines = rows.flatMap((row, index) => [recordLine('alerts', row), stateLine('alerts', index)])
  return runProgram(
    destinationSlack,
    'write',
    {
      config: { token, api_url: slack.url, messages_per_second: 1_000, timeout_seconds: 30, ...config },
      catalog: { streams: [alerts] },
    },
    lines,
  )
}

test('one message a row, in order, in the channel of the stream', async () => {
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'hi' } }]
  const run = await write([
    { text: 'one ä &' },
    { text: 'two', blocks },
    { blocks: JSON.stringify(blocks), thread_ts: '1.2' },
  ])
  expect(run.said).toBe('')
  expect(run.code).toBe(0)
  expect(slack.taken.map(({ channel, text }) => [channel, text])).toEqual([
    ['#retention', 'one ä &'],
    ['#retention', 'two'],
    ['#retention', ''],
  ])
  expect(run.states.map(({ destinationStats }) => destinationStats?.recordCount)).toEqual([1, 1, 1])
})

test('keeps to the rate of a channel', async () => {
  const rows = Array.from({ length: 11 }, (_, index) => ({ text: String(index) }))
  await write(rows, { messages_per_second: 20 })
  const times = slack.taken.map(({ at }) => at)
  expect(times).toHaveLength(11)
  expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(450)
})

describe('a message that Slack does not take is one rejected row', () => {
  test.each<[string, Mishap, string]>([
    ['channel_not_found', { error: 'channel_not_found' }, 'invite the app'],
    ['not_in_channel', { error: 'not_in_channel' }, 'invite it'],
    ['msg_too_long', { error: 'msg_too_long' }, 'too long'],
    [
      'invalid_blocks',
      {
        error: 'invalid_blocks',
        messages: ['[ERROR] must be less than 76 characters: "very private" [json-pointer:/blocks/0/text]'],
      },
      'The blocks are not valid. See /blocks/0/text.',
    ],
    ['a_new_error', { error: 'a_new_error' }, 'Slack refused the message'],
  ])('%s', async (code, mishap, message) => {
    slack.mishaps.push(null, mishap)
    const run = await write([{ text: 'one' }, { text: 'very private' }, { text: 'three' }])
    expect(run.code).toBe(0)
    expect(run.states.map(({ destinationStats }) => destinationStats?.rejected)).toEqual([
      [],
      [{ ordinal: 0, code, message: expect.stringContaining(message) as string }],
      [],
    ])
    expect(slack.taken.map(({ text }) => text)).toEqual(['one', 'three'])
    expect(JSON.stringify(run.messages)).not.toContain('private')
  })

  test.each([
    ['no_text', { text: '  ' }],
    ['invalid_text', { text: 5 }],
    ['invalid_blocks_format', { blocks: '{"no": "list"}' }],
    ['invalid_blocks_format', { blocks: 'no json' }],
    ['invalid_thread_ts', { text: 'x', thread_ts: 1.5 }],
  ])('%s, before it is sent', async (code, row) => {
    const run = await write([row])
    expect(run.states[0]?.destinationStats?.rejected).toMatchObject([{ ordinal: 0, code }])
    expect(slack.taken).toEqual([])
  })
})

describe('what ends the write, the batch not acknowledged', () => {
  test.each(['invalid_auth', 'token_revoked', 'missing_scope', 'account_inactive'])(
    '%s is an error of the configuration',
    async (error) => {
      slack.mishaps.push(null, { error })
      const run = await write([{ text: 'one' }, { text: 'two' }, { text: 'three' }])
      expect(run).toMatchObject({ code: 1, states: [{ stream: { stream_state: { batch: 0 } } }] })
      expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'config_error' } } })
      expect(run.said).toContain(error)
    },
  )

  test.each<[string, Mishap]>([
    ['an answer that does not come', 'hang'],
    ['a connection that is cut', 'cut'],
    ['HTTP 500', { status: 500 }],
    ['HTTP 503', { status: 503 }],
    ['an error after which the message may be there', { error: 'fatal_error' }],
  ])('%s leaves the outcome unknown: never sent again', async (_, mishap) => {
    slack.mishaps.push(null, mishap)
    const patience = mishap === 'hang' ? { timeout_seconds: 3 } : {}
    const run = await write([{ text: 'one' }, { text: 'two' }, { text: 'three' }], patience)
    expect(run).toMatchObject({ code: 1, states: [{ stream: { stream_state: { batch: 0 } } }] })
    expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'transient_error' } } })
    expect(run.said).toContain('not known whether a message was posted')
    expect(slack.taken.filter(({ text }) => text === 'two').length).toBeLessThan(2)
    expect(slack.taken.filter(({ text }) => text === 'three')).toEqual([])
  })
})

describe('what is tried again, since nothing was posted', () => {
  test.each<[string, Mishap]>([
    ['429, after the time that it names', { status: 429, retryAfter: 1 }],
    ['ratelimited at HTTP 200', { error: 'ratelimited' }],
    ['a request that did not get through', { error: 'request_timeout' }],
  ])('%s', async (_, mishap) => {
    slack.mishaps.push(mishap)
    const started = performance.now()
    const run = await write([{ text: 'one' }])
    expect(run).toMatchObject({ code: 0, states: [{ destinationStats: { recordCount: 1, rejectedRecordCount: 0 } }] })
    expect(slack.taken).toHaveLength(1)
    if (typeof mishap === 'object' && 'status' in mishap) expect(performance.now() - started).toBeGreaterThan(950)
  })

  test('a stop ends the wait', async () => {
    slack.mishaps.push({ status: 429, retryAfter: 3_600 })
    const controller = new AbortController()
    const config = { token, api_url: slack.url }
    const input = new PassThrough()
    input.write(recordLine('alerts', { text: 'one' }) + stateLine('alerts', 0))
    const running = runProgram(
      destinationSlack,
      'write',
      { config, catalog: { streams: [alerts] } },
      input,
      controller.signal,
    )
    await expect.poll(() => slack.mishaps.length).toBe(0)
    controller.abort()
    const run = await running
    expect(run).toMatchObject({ code: 143, states: [] })
  })
})

test.each(['upsert', 'update', 'delete'] as const)('%s is refused before anything is sent', async (operation) => {
  const run = await runProgram(
    destinationSlack,
    'write',
    { config: { token, api_url: slack.url }, catalog: { streams: [{ ...alerts, operation }] } },
    [recordLine('alerts', { text: 'x' }), stateLine('alerts', 0)],
  )
  expect(run.code).toBe(1)
  expect(run.said).toContain(`Slack has no ${operation}`)
})

describe('check', () => {
  const check = (config: JsonData) =>
    runProgram(destinationSlack, 'check', { config: { token, api_url: slack.url, ...config } })

  test('a good token', async () => {
    expect((await check({})).messages).toEqual([
      { type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } },
    ])
  })

  test('a bad one', async () => {
    slack.mishaps.push({ error: 'invalid_auth' })
    const { said } = await check({})
    expect(said).toContain('the token is not valid (invalid_auth)')
    expect(said).toContain('OAuth & Permissions')
    expect(said).not.toContain(token)
  })

  test('nobody there', async () => {
    const port = await freePort()
    expect((await check({ api_url: `http://127.0.0.1:${port}/api/` })).said).toBe(
      'Slack cannot be reached (ECONNREFUSED): check api_url and the network.',
    )
  })
})

describe('discover', () => {
  const discover = () => runProgram(destinationSlack, 'discover', { config: { token, api_url: slack.url } })

  test('lists channels, says that a batch must not be sent twice, and how large one should be', async () => {
    expect((await discover()).messages).toMatchObject([
      {
        destination_catalog: {
          idempotent: false,
          recommended_batch_size: 1,
          operations: [
            { object_name: '*' },
            { object_name: '#retention' },
            { object_name: '#sales' },
            { object_name: '@channel' },
            { object_name: '@person' },
          ],
        },
      },
    ])
  })

  test('does without the right to list', async () => {
    slack.mishaps.push({ error: 'missing_scope' })
    expect((await discover()).messages).toMatchObject([
      { destination_catalog: { operations: [{ object_name: '*' }, {}, {}] } },
    ])
  })
})
