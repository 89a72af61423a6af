import { PassThrough, Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { airbyteErrors } from '../../test/harness/airbyte-schema.ts'
import {
  formatMessage,
  LineSplitter,
  parseLine,
  readMessages,
  redactor,
  secretValues,
  writeMessages,
  type AirbyteMessage,
  type Incoming,
} from './index.ts'

describe('messages', () => {
  const messages: AirbyteMessage[] = [
    { type: 'RECORD', record: { stream: 'a "b"', data: { x: 'é\n', y: null, z: [1, { t: true }] }, emitted_at: 1 } },
    { type: 'RECORD', record: { stream: 'a', namespace: 'n', data: {}, emitted_at: 1 } },
    {
      type: 'STATE',
      state: {
        type: 'STREAM',
        stream: { stream_descriptor: { name: 'a' }, stream_state: { batch: 1, id: 'r:1' } },
        destinationStats: {
          recordCount: 2,
          rejectedRecordCount: 1,
          rejected: [{ ordinal: 0, code: 'c', message: 'm' }],
          skipped: [],
        },
      },
    },
    { type: 'LOG', log: { level: 'INFO', message: 'hello' } },
    { type: 'TRACE', trace: { type: 'ERROR', emitted_at: 1, error: { message: 'no', failure_type: 'config_error' } } },
    { type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message: 'no' } },
    { type: 'CONTROL', control: { type: 'CONNECTOR_CONFIG', emitted_at: 1, connectorConfig: { config: {} } } },
  ]

  test.each(messages)('$type is as the protocol declares it, and read back as it was', (message) => {
    const line = formatMessage(message)
    expect(airbyteErrors('AirbyteMessage', JSON.parse(line))).toEqual([])
    expect(line.endsWith('\n') && !line.slice(0, -1).includes('\n')).toBe(true)
    expect(parseLine(line)).toEqual({ kind: 'message', message })
  })

  test('the protocol’s declaration does find faults', () => {
    expect(airbyteErrors('AirbyteMessage', { type: 'RECORD', record: { stream: 1 } })).not.toEqual([])
    expect(airbyteErrors('AirbyteMessage', { type: 'NEWS' })).not.toEqual([])
  })

  test.each([
    'Traceback (most recent call last):',
    '{"type":"NEWS"}',
    '{"type":"RECORD"}',
    '{"type":"STATE","state":null}',
    '{"type":"STREAM"}',
    '[]',
    'null',
    '{"half":',
  ])('%s is garbage', (line) => {
    expect(parseLine(line)).toEqual({ kind: 'garbage', text: line })
  })

  test('a state without its envelope is a state', () => {
    const state = { type: 'STREAM', stream: { stream_descriptor: { name: 'a' }, stream_state: { batch: 1 } } } as const
    expect(parseLine(JSON.stringify(state))).toEqual({ kind: 'message', message: { type: 'STATE', state } })
  })
})

describe('lines', () => {
  test('come out whole however the bytes are cut', () => {
    const text = fc.array(fc.string({ unit: 'binary', maxLength: 30 }).map((line) => line.replaceAll('\n', '')))
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), fc.boolean(), (lines, cuts, ended) => {
        const bytes = Buffer.from(lines.join('\n') + (ended ? '\n' : ''))
        const expected = bytes
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== '')
        const splitter = new LineSplitter(1_000_000, () => expect.unreachable())
        const got: string[] = []
        let at = 0
        for (const size of cuts)
          got.push(...splitter.push(bytes.subarray(at, (at = Math.min(at + size, bytes.length)))))
        got.push(...splitter.push(bytes.subarray(at)))
        const rest = splitter.end()
        expect(rest === null ? got : [...got, rest]).toEqual(expected)
      }),
    )
  })

  test.each([1, 7, 1_000])(
    'that are too long are dropped and told, the others are not (chunks of %i bytes)',
    (size) => {
      const dropped: number[] = []
      const splitter = new LineSplitter(20, (bytes) => dropped.push(bytes))
      const bytes = Buffer.from(`short\n${'x'.repeat(50)}\nnext\n${'y'.repeat(21)}\nlast\n${'z'.repeat(30)}`)
      const lines: string[] = []
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)))
      expect(splitter.end()).toBeNull()
      expect(lines).toEqual(['short', 'next', 'last'])
      expect(dropped).toEqual([50, 21, 30])
    },
  )

  test('a stream of messages survives garbage between them and half a line at its end', async () => {
    const log = formatMessage({ type: 'LOG', log: { level: 'INFO', message: 'x' } })
    const bytes = Readable.from([
      Buffer.from(`${log}oops\n\r\n${log.slice(0, 9)}`),
      Buffer.from(`${log.slice(9)}${log.slice(0, 9)}`),
    ])
    const incoming: Incoming[] = []
    for await (const some of readMessages(bytes)) incoming.push(...some)
    expect(incoming.map(({ kind }) => kind)).toEqual(['message', 'garbage', 'message', 'garbage'])
  })
})

describe('writing', () => {
  const record: AirbyteMessage = {
    type: 'RECORD',
    record: { stream: 's', data: { text: 'x'.repeat(1_000) }, emitted_at: 1 },
  }

  test('waits for a reader that is slower', async () => {
    const pipe = new PassThrough({ highWaterMark: 1_000 })
    let done = false
    const writing = writeMessages(pipe, Array<AirbyteMessage>(2_000).fill(record)).then(() => (done = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(done).toBe(false)
    let bytes = 0
    pipe.on('data', (chunk: Buffer) => (bytes += chunk.length))
    await writing
    expect(bytes).toBe(2_000 * formatMessage(record).length)
  })

  test('rejects when the reader goes away in between', async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => undefined })
    const writing = writeMessages(stuck, Array<AirbyteMessage>(2_000).fill(record))
    setImmediate(() => stuck.destroy(new Error('EPIPE')))
    await expect(writing).rejects.toThrow('EPIPE')
    await expect(writeMessages(stuck, [record])).rejects.toThrow()
  })
})

describe('secrets', () => {
  const schema = {
    type: 'object',
    properties: {
      url: { type: 'string', airbyte_secret: true },
      host: { type: 'string' },
      credentials: {
        oneOf: [
          { type: 'object', properties: { kind: { const: 'key' }, key: { type: 'string', airbyte_secret: true } } },
          { type: 'object', airbyte_secret: true },
        ],
      },
      keys: {
        type: 'array',
        items: { type: 'object', properties: { pin: { type: 'integer', airbyte_secret: true } } },
      },
    },
  }

  test('are found wherever the spec marks them', () => {
    const config = {
      url: 'u-secret',
      host: 'h',
      credentials: { kind: 'key', key: 'k-secret' },
      keys: [{ pin: 1234 }, {}],
    }
    expect([...new Set(secretValues(schema, config))].sort()).toEqual(['1234', 'k-secret', 'key', 'u-secret'])
    expect(secretValues(schema, null)).toEqual([])
  })

  test('are masked in each form that they take', () => {
    const mask = redactor(['p@ss"w\\rd', 'postgres://joe:s%40crt@db.example/x', 'ab'])
    expect(mask('p@ss"w\\rd')).toBe('***')
    expect(mask(JSON.stringify({ password: 'p@ss"w\\rd' }))).toBe('{"password":"***"}')
    expect(mask(encodeURIComponent('p@ss"w\\rd'))).toBe('***')
    expect(mask('cannot open postgres://joe:s%40crt@db.example/x')).toBe('cannot open ***')
    expect(mask('password s@crt or s%40crt is wrong')).toBe('password *** or *** is wrong')
    expect(mask('about')).toBe('about')
  })
})
