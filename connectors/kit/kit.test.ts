import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { airbyteErrors } from '../../test/harness/airbyte-schema.ts'
import { configuredStream, recordLine, runProgram, stateLine } from '../../test/harness/destination.ts'
import type { JsonData } from '../protocol/index.ts'
import { Batcher } from './batcher.ts'
import {
  configError,
  defineDestination,
  runDestination,
  type Batch,
  type BatchResult,
  type Destination,
  type DestinationContext,
} from './index.ts'

const accepted = ({ rows }: Batch): BatchResult => ({
  accepted: rows.reduce((sum, { count }) => sum + count, 0),
  rejected: [],
  skipped: [],
})

/** A destination that keeps what it was given; `write` may be replaced. */
function keeper(
  overrides: Partial<Destination> & {
    write?: (batch: Batch, context: DestinationContext) => Promise<BatchResult>
  } = {},
) {
  const batches: {
    id: string | null
    final: boolean
    rows: { stream: string; first: number; values: readonly JsonData[] }[]
  }[] = []
  let closed = 0
  const destination = defineDestination({
    name: 'destination-keeper',
    spec: z.object({ token: z.string().meta({ airbyte_secret: true }).optional() }),
    syncModes: ['append'],
    check: async () => undefined,
    open: async (_config, _catalog, context) => ({
      write: async (batch) => {
        batches.push({
          id: batch.id,
          final: batch.final,
          rows: batch.rows.map(({ stream, first, values }) => ({ stream: stream.stream.name, first, values })),
        })
        return overrides.write === undefined ? accepted(batch) : overrides.write(batch, context)
      },
      close: async () => void (closed += 1),
    }),
    ...overrides,
  })
  return { destination, batches, closed: () => closed }
}

const catalog = { streams: [configuredStream('a', ['id']), configuredStream('b', ['id'])] }
const files = { config: {}, catalog }

describe('batches', () => {
  test('end at a STATE, and keep consecutive rows of a stream together', async () => {
    const { destination, batches } = keeper()
    await runProgram(destination, 'write', files, [
      recordLine('a', { id: 1 }),
      recordLine('a', { id: 2 }),
      recordLine('b', { id: 3 }),
      recordLine('a', { id: 4 }),
      stateLine('a', 0),
      recordLine('b', { id: 5 }),
      stateLine('a', 1),
    ])
    expect(batches).toEqual([
      {
        id: 'run:0',
        final: true,
        rows: [
          { stream: 'a', first: 0, values: [{ id: 1 }, { id: 2 }] },
          { stream: 'b', first: 2, values: [{ id: 3 }] },
          { stream: 'a', first: 3, values: [{ id: 4 }] },
        ],
      },
      { id: 'run:1', final: true, rows: [{ stream: 'b', first: 0, values: [{ id: 5 }] }] },
    ])
  })

  test('beyond the limits come in parts, acknowledged when the last is written', async () => {
    const seen: boolean[] = []
    const { destination, batches, closed } = keeper({
      limits: { rows: 2 },
      write: async (batch) => {
        seen.push(batch.final)
        return { ...accepted(batch), accepted: 0, rejected: batch.rows.flatMap(reject) }
      },
    })
    const lines = [1, 2, 3, 4, 5].map((id) => recordLine('a', { id }))
    const run = await runProgram(destination, 'write', files, [...lines, stateLine('a', 0)])
    expect(batches.map(({ id, final, rows }) => [id, final, rows.map(({ first }) => first)])).toEqual([
      [null, false, [0]],
      [null, false, [2]],
      ['run:0', true, [4]],
    ])
    expect(run.states[0]?.destinationStats?.rejected?.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3, 4])
    expect(closed()).toBe(1)
  })

  test('a final part without rows still ends its batch', async () => {
    const { destination, batches } = keeper({ limits: { rows: 2 } })
    const run = await runProgram(destination, 'write', files, [
      recordLine('a', {}),
      recordLine('a', {}),
      stateLine('a', 0),
    ])
    expect(batches.map(({ final, rows }) => [final, rows.length])).toEqual([
      [false, 1],
      [true, 0],
    ])
    expect(run.states[0]?.destinationStats).toMatchObject({ recordCount: 2 })
  })

  test('hold the data of any line, whatever the order of its members and whatever the data contain', () => {
    const tricky = fc.constantFrom<JsonData>(
      { x: ',"emitted_at":1}}' },
      { x: { emitted_at: 1 } },
      { 'a","data":{"': '}}' },
      { ünï: '\u2028"\\', n: 1e300, deep: [[{}]] },
    )
    const data = fc.oneof(
      tricky,
      fc.dictionary(fc.string(), fc.jsonValue()).map((value) => value as JsonData),
    )
    const order = fc.shuffledSubarray(['stream', 'data', 'emitted_at', 'namespace', 'meta'], { minLength: 5 })
    fc.assert(
      fc.property(fc.array(fc.tuple(data, fc.boolean(), order), { minLength: 1 }), (rows) => {
        const batcher = new Batcher(catalog, { rows: 1_000, bytes: 1e9 })
        for (const [value, plain, members] of rows) {
          const record: Record<string, unknown> = {
            stream: 'a',
            data: value,
            emitted_at: 12,
            namespace: null,
            meta: { emitted_at: 5 },
          }
          const shuffled = Object.fromEntries(members.map((name) => [name, record[name]]))
          batcher.add(plain ? recordLine('a', value).trimEnd() : JSON.stringify({ type: 'RECORD', record: shuffled }))
        }
        const part = batcher.add(stateLine('a', 0))
        const values = part?.rows.flatMap((slice) => slice.values) ?? []
        expect(values).toEqual(rows.map(([value]) => JSON.parse(JSON.stringify(value)) as unknown))
      }),
    )
  })

  test('a line that only looks like a record stops the write', async () => {
    const { destination } = keeper()
    const run = await runProgram(destination, 'write', files, [
      '{"type":"RECORD","record":{"stream":"a","data":{oops},"emitted_at":1}}\n',
      stateLine('a', 0),
    ])
    expect(run).toMatchObject({ code: 1, states: [] })
    expect(run.said).toContain('not an Airbyte message')
    expect(run.said).not.toContain('oops')
  })

  function reject({ first, count }: Batch['rows'][number]): { ordinal: number; code: string; message: string }[] {
    return Array.from({ length: count }, (_, index) => ({ ordinal: first + index, code: 'no', message: 'no' }))
  }
})

describe('the loop', () => {
  test('reads no further than the batch after the one that is being written', async () => {
    let release: () => void = () => undefined
    const { destination, batches } = keeper({
      write: async (batch) => {
        await new Promise<void>((resolve) => (release = resolve))
        return accepted(batch)
      },
    })
    let read = 0
    const lines = function* (): Generator<string> {
      for (read = 1; read <= 500; read++) yield recordLine('a', { id: 'x'.repeat(10_000) }) + stateLine('a', read)
    }
    const running = runProgram(destination, 'write', files, lines())
    await expect.poll(() => batches.length).toBe(1)
    // What a stream of objects holds ready by itself.
    await expect.poll(() => read).toBeLessThan(40)
    for (let done = false; !done;) {
      done = await Promise.race([
        running.then(() => true),
        new Promise<false>((resolve) => setImmediate(() => resolve(false))),
      ])
      release()
    }
    expect((await running).states).toHaveLength(500)
  })

  test('what a write throws ends the program while its input is still open, with earlier batches acknowledged', async () => {
    const { destination, closed } = keeper({
      write: async (batch) => {
        if (batch.id === 'run:1') throw configError('the token xoxb-secret has no rights')
        return accepted(batch)
      },
    })
    const input = new PassThrough()
    input.write(recordLine('a', {}) + stateLine('a', 0) + recordLine('a', {}) + stateLine('a', 1) + recordLine('a', {}))
    const run = await runProgram(destination, 'write', { config: { token: 'xoxb-secret' }, catalog }, input)
    expect(run.code).toBe(1)
    expect(run.states.map(({ stream }) => stream?.stream_state?.['batch'])).toEqual([0])
    expect(run.said).toBe('the token *** has no rights')
    expect(closed()).toBe(1)
  })

  test('a destination that miscounts is found out', async () => {
    const { destination } = keeper({ write: async () => ({ accepted: 5, rejected: [], skipped: [] }) })
    const run = await runProgram(destination, 'write', files, [recordLine('a', {}), stateLine('a', 0)])
    expect(run).toMatchObject({ code: 1, states: [] })
    expect(run.said).toContain('more or fewer rows')
  })

  test('an error that nobody foresaw tells where it happened, and nothing of what the rows held', async () => {
    const { destination } = keeper({
      write: ({ rows }) => Promise.reject(new Error(`cannot use ${JSON.stringify(rows[0]?.values)}`)),
    })
    const run = await runProgram(destination, 'write', files, [recordLine('a', { id: 'private' }), stateLine('a', 0)])
    expect(run.messages.at(-1)).toMatchObject({ type: 'TRACE', trace: { error: { failure_type: 'system_error' } } })
    expect(JSON.stringify(run.messages)).not.toContain('private')
    expect(JSON.stringify(run.messages)).toContain('kit.test.ts')
  })

  test('a STATE is answered without the nulls that its sender wrote for what is unset', async () => {
    const { destination } = keeper()
    const state = {
      type: 'STREAM',
      stream: { stream_descriptor: { name: 'a', namespace: null }, stream_state: { n: null } },
      global: null,
      data: null,
    }
    const run = await runProgram(destination, 'write', files, [
      JSON.stringify({ type: 'STATE', state, record: null }) + '\n',
    ])
    expect(run.states[0]?.stream).toEqual({ stream_descriptor: { name: 'a' }, stream_state: { n: null } })
    expect(run.messages.flatMap((message) => airbyteErrors('AirbyteMessage', message))).toEqual([])
  })
})

describe('the command line', () => {
  test('spec comes from the schema', async () => {
    const { destination } = keeper()
    const run = await runProgram(destination, 'spec')
    expect(run.messages).toEqual([
      {
        type: 'SPEC',
        spec: expect.objectContaining({
          connectionSpecification: expect.objectContaining({
            properties: { token: { type: 'string', airbyte_secret: true } },
          }) as unknown,
          supported_destination_sync_modes: ['append'],
        }) as unknown,
      },
    ])
  })

  test('an error of the configuration names the field and not the value', async () => {
    const { destination } = keeper({
      spec: z.object({ host: z.hostname(), size: z.enum(['s', 'l']), port: z.int().max(9) }),
    })
    const run = await runProgram(destination, 'check', { config: { host: 'not a-host', size: 'private', port: 10 } })
    expect(run.said).toBe(
      'The configuration of destination-keeper is not valid: host: should be a hostname; size: should be one of s, l; port: Too big: expected number to be <=9.',
    )
  })

  test('a destination without discover says so, without an error of its own', async () => {
    const { destination } = keeper()
    const run = await runProgram(destination, 'discover', { config: {} })
    expect(run.code).toBe(2)
    expect(run.messages).toMatchObject([{ type: 'LOG', log: { level: 'ERROR' } }])
  })

  test('options of runners that treat all connectors alike are let pass', async () => {
    const { destination } = keeper()
    const output = new PassThrough()
    const io = {
      argv: ['spec', '--debug', '--state', 'x'],
      input: Readable.from([]),
      output,
      signal: new AbortController().signal,
    }
    expect(await runDestination(destination, io)).toBe(0)
  })
})
