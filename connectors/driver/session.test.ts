import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { configuredStream } from '../../test/harness/destination.ts'
import type { Acknowledgement, ConnectorCommand, OutgoingBatch, WriteOptions, WriteSession } from './driver.ts'
import { openWrite, runCheck, runDiscover, runSpec } from './index.ts'

const program = fileURLToPath(new URL('./fixtures/scripted-destination.mjs', import.meta.url))
const command: ConnectorCommand = { command: process.execPath, args: [program], env: {}, name: 'scripted' }
const token = 'xoxb-a-secret-word'

function batch(number: number, records = 2, stream = 'users'): OutgoingBatch {
  return {
    batch: number,
    records: Array.from({ length: records }, (_, index) => ({
      stream,
      data: { id: `${number}-${index}` },
      emitted_at: 1,
    })),
    state: {
      type: 'STREAM',
      stream: {
        stream_descriptor: { name: stream },
        stream_state: { batch: number, id: `run:${number}`, hash: `h${number}` },
      },
    },
  }
}

interface Told {
  readonly acknowledgements: Acknowledgement[]
  readonly error: unknown
  readonly log: string[]
}

async function open(behaviour: string, log: string[], options: Partial<WriteOptions> = {}): Promise<WriteSession> {
  return openWrite({
    command,
    config: { behaviour, token },
    catalog: { streams: [configuredStream('users', ['id'])] },
    onLog: ({ text }) => log.push(text),
    idleTimeoutMs: 20_000,
    ...options,
  })
}

/** Sends batches, ends the input, and tells all that came of it. */
async function tell(
  behaviour: string,
  batches: readonly OutgoingBatch[] = [batch(0), batch(1)],
  options: Partial<WriteOptions> = {},
): Promise<Told> {
  const log: string[] = []
  const session = await open(behaviour, log, options)
  const sending = (async () => {
    for (const one of batches) await session.send(one)
    if (behaviour !== 'leaves early') session.end()
  })()
  const acknowledgements: Acknowledgement[] = []
  let error: unknown = null
  try {
    for await (const acknowledgement of session.acknowledgements) acknowledgements.push(acknowledgement)
  } catch (caught) {
    error = caught
  }
  await sending.catch((caught: unknown) => expect(caught).toBe(error))
  await session.close()
  return { acknowledgements, error, log }
}

describe('acknowledgements', () => {
  test('counts alone', async () => {
    const { acknowledgements, error } = await tell('good')
    expect(error).toBeNull()
    const counted = { detailed: false, recordCount: 2, rejectedRecordCount: 0, rejected: [], skipped: [] }
    expect(acknowledgements).toEqual([
      { batch: 0, ...counted },
      { batch: 1, ...counted },
    ])
  })

  test('rows by name', async () => {
    expect((await tell('detailed', [batch(0, 3)])).acknowledgements).toEqual([
      {
        batch: 0,
        detailed: true,
        recordCount: 3,
        rejectedRecordCount: 1,
        rejected: [{ ordinal: 0, code: 'bad', message: 'no' }],
        skipped: [{ ordinal: 1, code: 'there', message: 'yes' }],
      },
    ])
  })

  test.each(['countless', 'bare', 'members in another order', 'last only'])(
    '%s: the rows count as written',
    async (behaviour) => {
      const { acknowledgements, error } = await tell(behaviour)
      expect(error).toBeNull()
      expect(acknowledgements.map(({ batch, recordCount }) => [batch, recordCount])).toEqual([
        [0, null],
        [1, null],
      ])
    },
  )

  test('rows that are not counted are as good as rejected', async () => {
    const { acknowledgements } = await tell('counts less', [batch(0, 5)])
    expect(acknowledgements).toMatchObject([{ recordCount: 4, rejectedRecordCount: 1, detailed: false }])
  })
})

describe('each way to go wrong is one error that blames the connector', () => {
  test.each([
    ['counts more', 'CONNECTOR_COUNT_MISMATCH', /counts 3 rows .* of 2/],
    ['names a stranger', 'CONNECTOR_COUNT_MISMATCH', /not sent/],
    ['another state', 'CONNECTOR_STATE_UNKNOWN', /was not sent/],
    ['every state twice', 'CONNECTOR_STATE_UNKNOWN', /one twice/],
    ['leaves early', 'CONNECTOR_EXITED', /before its input ended/],
    ['exit code', 'CONNECTOR_EXITED', /exit code 7[^]*cannot go on with \*\*\*/],
    ['signal', 'CONNECTOR_KILLED', /SIGSEGV/],
    ['transient error', 'CONNECTOR_EXITED', /transient error\): no luck with \*\*\*/],
    ['garbage', 'CONNECTOR_UNACKNOWLEDGED', /2 of its batches[^]*Traceback/],
    ['flood', 'CONNECTOR_GARBAGE', /prints no Airbyte messages/],
    ['silent', 'CONNECTOR_UNACKNOWLEDGED', /2 of its batches/],
  ])('%s', async (behaviour, code, message) => {
    const { error, log } = await tell(behaviour)
    expect(error).toMatchObject({ code, blame: 'connector', message: expect.stringMatching(message) as string })
    expect((error as { hint: string }).hint).not.toBe('')
    expect(`${String(error)}${log.join('\n')}`).not.toContain(token)
  })

  test('a program that is no connector at all', async () => {
    const { error } = await tell('x', [batch(0)], {
      command: { command: 'sh', args: ['-c', 'echo hello; cat > /dev/null'], env: { PATH: process.env['PATH'] ?? '' } },
      spec: { connectionSpecification: {} },
    })
    expect(error).toMatchObject({ code: 'CONNECTOR_GARBAGE', message: expect.stringContaining('hello') as string })
  })

  test('a refused configuration blames the configuration', async () => {
    const { error } = await tell('config error')
    expect(error).toMatchObject({ code: 'CONNECTOR_CONFIG_REFUSED', blame: 'config' })
  })

  test('one that neither reads nor speaks is stopped, SIGTERM ignored or not', async () => {
    const { error } = await tell('hang', [batch(0)], { idleTimeoutMs: 300, spec: { connectionSpecification: {} } })
    expect(error).toMatchObject({ code: 'CONNECTOR_TIMEOUT', message: expect.stringContaining('0.3 s') as string })
  })

  test('one that reads steadily is left to it, though it says nothing before its end', async () => {
    const begun = Date.now()
    const idleTimeoutMs = 1_000
    const { acknowledgements, error } = await tell('reads slowly', [batch(0, 20_000), batch(1, 20_000)], {
      idleTimeoutMs,
      spec: { connectionSpecification: {} },
    })
    expect(error).toBeNull()
    expect(acknowledgements).toHaveLength(2)
    expect(Date.now() - begun).toBeGreaterThan(1.5 * idleTimeoutMs)
  })

  test('one that closes its input is told apart', async () => {
    const many = Array.from({ length: 400 }, (_, number) => batch(number, 200))
    const shell = {
      command: 'sh',
      args: ['-c', 'read line; exec <&-; sleep 60'],
      env: { PATH: process.env['PATH'] ?? '' },
    }
    const { error } = await tell('x', many, { command: shell, spec: { connectionSpecification: {} } })
    expect(error).toMatchObject({ code: 'CONNECTOR_INPUT_CLOSED' })
  })

  test('one that is not there', async () => {
    await expect(
      open('good', [], { command: { command: '/nowhere/destination', args: [], env: {} } }),
    ).rejects.toMatchObject({
      code: 'CONNECTOR_NOT_FOUND',
      blame: 'config',
      message: expect.stringContaining('/nowhere/destination') as string,
    })
  })
})

describe('the configuration', () => {
  test('is held against the spec: each field is named, no value is', async () => {
    const opening = open('good', [], { config: { token: 5, nested: { level: 9 }, 'odd/field': 'value-of-it' } })
    await expect(opening).rejects.toMatchObject({
      code: 'CONNECTOR_CONFIG_INVALID',
      message:
        'The config of scripted is not valid: behaviour is missing; odd/field is not known; token must be string; nested.level must be <= 5',
    })
    await opening.catch((error: Error) => expect(error.message).not.toContain('value-of-it'))
  })

  test('is in a file that only its owner may read, and that is gone at the end', async () => {
    const log: string[] = []
    const session = await open('good', log)
    await session.send(batch(0))
    for await (const _ of session.acknowledgements) break
    const path = log.find((line) => line.startsWith('files '))?.slice(6) as string
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ behaviour: 'good', token })
    await session.close()
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })
})

test('a caller that sends faster than the program reads has to wait, and an abort ends the wait', async () => {
  const controller = new AbortController()
  const session = await open('never reads', [], { signal: controller.signal })
  let sent = 0
  const sending = (async () => {
    for (let number = 0; ; number++) {
      await session.send(batch(number, 1_000))
      sent += 1
    }
  })()
  sending.catch(() => undefined)
  for (let before = -1; before !== sent || sent === 0;) {
    before = sent
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(sent).toBeLessThan(50)
  controller.abort()
  await expect(sending).rejects.toMatchObject({ code: 'CONNECTOR_CANCELLED' })
  await session.close()
})

describe('other operations', () => {
  const options = { command, timeoutMs: 20_000 }

  test('spec survives plain text before it', async () => {
    expect((await runSpec(options)).connectionSpecification).toMatchObject({ required: ['behaviour'] })
  })

  test('check answers the connector’s words, masked', async () => {
    expect(await runCheck({ ...options, config: { behaviour: 'x', token } })).toEqual({
      status: 'FAILED',
      message: 'token *** is wrong',
    })
  })

  test('a check without an answer, and one that hangs', async () => {
    await expect(runCheck({ ...options, config: { behaviour: 'silent' } })).rejects.toMatchObject({
      code: 'CONNECTOR_CHECK_MISSING',
    })
    const spec = { connectionSpecification: {} }
    await expect(runCheck({ ...options, spec, timeoutMs: 300, config: { behaviour: 'hang' } })).rejects.toMatchObject({
      code: 'CONNECTOR_TIMEOUT',
    })
  })

  test('discover is null where there is none', async () => {
    expect(await runDiscover({ ...options, config: { behaviour: 'x' } })).toBeNull()
  })
})
