import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deliver, type GivenRow } from '../../test/harness/deliver.ts'
import { configuredStream, runProgram } from '../../test/harness/destination.ts'
import type { VendorMishap } from '../../test/stand-ins/vendor.ts'
import type { Destination } from '../kit/index.ts'
import type { ConfiguredAirbyteStream, JsonData } from '../protocol/index.ts'
import { startSpecStandIn, writeKey, type SpecLimits, type SpecStandIn } from './stand-in.fixture.ts'

export interface SpecSubject {
  readonly destination: Destination
  readonly limits: SpecLimits
  /** Beside the write key: where it is. */
  readonly config: (url: string) => JsonData
}

const identify = configuredStream('identify', {}, { operation: 'upsert', primary_key: [['userId']] })
const track = configuredStream('went_away', {}, { operation: 'append', destination_object_name: 'track' })
const group = configuredStream('group', {}, { operation: 'upsert', primary_key: [['groupId']] })

/** Only who waits for nothing should wait briefly: others may be slow for another reason. */
function patience(mishap: VendorMishap): JsonData {
  return mishap === 'hang' ? { timeout_seconds: 1 } : {}
}

/** What holds for every receiver of the specification. */
export function specCases({ destination, limits, config }: SpecSubject): void {
  let receiver: SpecStandIn
  beforeEach(async () => {
    receiver = await startSpecStandIn(limits)
  })
  afterEach(async () => {
    const { breaches } = receiver
    await receiver.close()
    expect(breaches).toEqual([])
  })

  const settings = (more: JsonData = {}): JsonData => {
    const fast = { requests_per_second: 100_000 }
    return { write_key: writeKey, ...fast, ...config(receiver.url), ...more }
  }
  const write = (
    stream: ConfiguredAirbyteStream,
    batches: readonly (readonly GivenRow[])[],
    more: JsonData = {},
  ): ReturnType<typeof deliver> => deliver(destination, settings(more), [stream], batches)
  const sent = (): JsonData[] => [...receiver.messages.values()]

  test('identify: fields become traits, nulls too, and a nested object joins them', async () => {
    const { answers, said } = await write(identify, [
      [
        { userId: 7, tier: 'gold', ltv: 1.5, gone: null, traits: '{"address": {"city": "Ulm"}}' },
        {
          anonymousId: 'a1',
          timestamp: '2026-01-02T03:04:05Z',
          context: { ip: '0.0.0.0' },
          integrations: { All: false },
        },
      ],
    ])
    expect(said).toBe('')
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [], skipped: [], requests: 1 }])
    const context = { library: { name: 'traitline' } }
    expect(sent()).toEqual([
      {
        ...{ type: 'identify', messageId: expect.stringMatching(/^traitline-[0-9a-f]{32}$/) as string },
        ...{ userId: '7', traits: { address: { city: 'Ulm' }, tier: 'gold', ltv: 1.5, gone: null }, context },
      },
      {
        ...{ type: 'identify', messageId: expect.any(String) as string, anonymousId: 'a1', traits: {} },
        ...{
          context: { ...context, ip: '0.0.0.0' },
          integrations: { All: false },
          timestamp: '2026-01-02T03:04:05.000Z',
        },
      },
    ])
  })

  test('track and group', async () => {
    await deliver(
      destination,
      settings(),
      [track, group],
      [
        [
          ['went_away', { userId: 'u', event: 'Left', properties: { why: 'price' }, days: 3 }],
          ['group', { userId: 'u', groupId: 'g', name: 'Initech' }],
        ],
      ],
    )
    expect(sent()).toMatchObject([
      { type: 'track', userId: 'u', event: 'Left', properties: { why: 'price', days: 3 } },
      { type: 'group', userId: 'u', groupId: 'g', traits: { name: 'Initech' } },
    ])
  })

  test.each([
    ['no_user', identify, { tier: 'gold' }],
    ['no_event', track, { userId: 'u' }],
    ['no_groupId', group, { userId: 'u' }],
    ['invalid_traits', identify, { userId: 'u', traits: 'private' }],
    ['invalid_timestamp', identify, { userId: 'u', timestamp: 'private' }],
    ['too_large', identify, { userId: 'u', note: 'private'.repeat(6_000) }],
  ])('%s is refused before it is sent, alone', async (code, stream, row) => {
    const good = { userId: 'v', event: 'E', groupId: 'g' }
    const { answers, messages } = await write(stream, [[row, good]])
    expect(answers).toMatchObject([{ recordCount: 2, rejected: [{ ordinal: 0, code }] }])
    expect(sent()).toHaveLength(1)
    expect(JSON.stringify(messages)).not.toContain('private')
  })

  test('a request that is refused as a whole is halved until the row stands alone', async () => {
    const rows = Array.from({ length: 64 }, (_, n) => ({ userId: `u${n}`, ...(n === 41 ? { poison: 'private' } : {}) }))
    const { answers, messages } = await write(identify, [rows])
    expect(answers).toMatchObject([{ recordCount: 64, rejected: [{ ordinal: 41, code: 'refused' }] }])
    expect(receiver.messages.size).toBe(63)
    expect(receiver.requests.length).toBeLessThan(16)
    expect(JSON.stringify(messages)).not.toContain('private')
  })

  test('requests keep to the limits of count and bytes', async () => {
    const many = Array.from({ length: limits.messages + 1 }, (_, n) => ({ userId: `u${n}` }))
    const large = Array.from({ length: 40 }, (_, n) => ({ userId: `l${n}`, note: 'x'.repeat(31_000) }))
    const { answers } = await write(identify, [many, large])
    expect(answers.map(({ recordCount, rejected }) => [recordCount, rejected])).toEqual([
      [limits.messages + 1, []],
      [40, []],
    ])
    expect(receiver.messages.size).toBe(limits.messages + 41)
  })

  test.each<[string, VendorMishap]>([
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '0.05' } }],
    ['HTTP 500', { status: 500 }],
    ['HTTP 500 after the effect', 'fails after'],
    ['a cut connection before the effect', 'cut before'],
    ['a cut connection after the effect', 'cut'],
    ['no answer in time', 'hang'],
  ])('%s: sent again, and each message is there once', async (_, mishap) => {
    receiver.mishaps.push(mishap)
    const { answers, code } = await write(track, [[{ userId: 'u', event: 'E' }]], patience(mishap))
    expect(code).toBe(0)
    expect(answers).toMatchObject([{ recordCount: 1, rejected: [] }])
    expect(answers[0]?.retried).toBeGreaterThan(0)
    expect(receiver.messages.size).toBe(1)
  })

  test('a batch that is sent again is dropped, one with another id is not', async () => {
    const row = { userId: 'u', event: 'E' }
    await write(track, [[row]])
    await write(track, [[row]])
    expect([receiver.messages.size, receiver.dropped()]).toEqual([1, 1])
    await write(track, [[], [row]])
    expect(receiver.messages.size).toBe(2)
  })

  test.each([
    [401, 'does not accept the credentials'],
    [403, 'the write key'],
    [404, 'no such source'],
  ])('HTTP %d is an error of the configuration, in check and in write', async (status, words) => {
    receiver.mishaps.push({ status }, { status })
    const check = await runProgram(destination, 'check', { config: settings() })
    expect(check.messages).toMatchObject([{ connectionStatus: { status: 'FAILED' } }])
    expect(check.said).toContain(words)
    const run = await write(track, [[{ userId: 'u', event: 'E' }]])
    expect(run).toMatchObject({ code: 1, answers: [] })
    expect(run.messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'config_error' } } })
    expect(check.said + run.said).not.toContain(writeKey)
  })

  test('check passes where the receiver answers', async () => {
    const { messages } = await runProgram(destination, 'check', { config: settings() })
    expect(messages).toMatchObject([{ connectionStatus: { status: 'SUCCEEDED' } }])
  })

  describe('what is offered', () => {
    test('discover: three calls, safe to repeat', async () => {
      const { messages } = await runProgram(destination, 'discover', { config: settings() })
      const found = messages[0] as unknown as { destination_catalog: { operations: JsonData[] } }
      expect(found.destination_catalog).toMatchObject({ idempotent: true, recommended_batch_size: 2_000 })
      const calls = found.destination_catalog.operations.map((one) => [one['object_name'], one['row_operations']])
      expect(calls).toEqual([
        ['identify', ['upsert']],
        ['identify', ['append', 'insert']],
        ['track', ['append', 'insert']],
        ['group', ['upsert']],
        ['group', ['append', 'insert']],
      ])
    })

    test.each([
      [{ ...identify, operation: 'delete' as const }, 'identify has no delete. It has upsert, append, insert'],
      [{ ...track, operation: 'upsert' as const }, 'track has no upsert'],
      [configuredStream('people', []), 'no object people. It has identify, track, group'],
    ])('what is not is refused before anything is sent', async (stream, words) => {
      const run = await write(stream, [[{ userId: 'u' }]])
      expect(run.code).toBe(1)
      expect(run.said).toContain(words)
      expect(receiver.requests).toEqual([])
    })
  })
}
