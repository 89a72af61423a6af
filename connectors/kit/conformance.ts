import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  formatMessage,
  readMessages,
  type AirbyteMessage,
  type AirbyteStateMessage,
  type ConfiguredAirbyteCatalog,
  type ConfiguredAirbyteStream,
  type JsonData,
} from '../protocol/index.ts'
import { operationOf } from './definition.ts'

/** A destination to be tried, in whatever language. */
export interface ConformanceTarget {
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** One that works. */
  readonly config: JsonData
  /** Ones that `check` has to turn down, by what is wrong with them. */
  readonly badConfigs: Readonly<Record<string, JsonData>>
  readonly stream: ConfiguredAirbyteStream
  /** The n-th row; no two have the same key. `text`, if it is given, is to be in one of its fields. */
  readonly row: (n: number, text?: string) => JsonData
  /** Rows at the destination by now, if that can be told. */
  readonly written?: () => Promise<number>
  /** Whether it is made with the kit, and so keeps promises beyond the protocol's. */
  readonly kit: boolean
  /** What the protocol's declaration says against a message. */
  readonly messageErrors: (message: unknown) => readonly string[]
  readonly timeoutMs: number
}

export interface ConformanceCase {
  readonly name: string
  /** Rejects, with what was expected, if the destination does not conform. */
  run(): Promise<void>
}

/**
 * What a destination has to do, tried on its real process: the suite for any connector.
 *
 * @example
 * for (const { name, run } of conformanceCases(target)) test(name, run)
 */
export function conformanceCases(target: ConformanceTarget): ConformanceCase[] {
  const trial = new Trial(target)
  const bad = Object.entries(target.badConfigs).map(([name, config]): ConformanceCase => {
    return { name: `check turns down ${name}`, run: () => checkFails(trial, config) }
  })
  const named = (cases: Readonly<Record<string, (trial: Trial) => Promise<void>>>): ConformanceCase[] =>
    Object.entries(cases).map(([name, run]) => ({ name, run: () => run(trial) }))
  return [...named(protocolCases), ...bad, ...(target.kit ? named(kitCases) : [])]
}

interface Exchange {
  readonly code: number | null
  readonly messages: readonly AirbyteMessage[]
  readonly states: readonly AirbyteStateMessage[]
  readonly text: string
}

/** Runs the target's program, and makes rows and states for it. */
class Trial {
  readonly target: ConformanceTarget
  #rows = 0
  #batches = 0

  constructor(target: ConformanceTarget) {
    this.target = target
  }

  record(text?: string): string {
    const data = this.target.row(this.#rows++, text)
    return formatMessage({ type: 'RECORD', record: { stream: this.target.stream.stream.name, data, emitted_at: 1 } })
  }

  records(count: number): string {
    return Array.from({ length: count }, () => this.record()).join('')
  }

  state(): AirbyteStateMessage {
    const batch = this.#batches++
    const stream_descriptor = { name: this.target.stream.stream.name }
    return {
      type: 'STREAM',
      stream: { stream_descriptor, stream_state: { batch, id: `${process.pid}:${Date.now()}:${batch}` } },
    }
  }

  write(
    input: string,
    options: { config?: JsonData; stream?: Partial<ConfiguredAirbyteStream>; stop?: boolean } = {},
  ): Promise<Exchange> {
    const catalog = { streams: [{ ...this.target.stream, ...options.stream }] }
    const files = { config: options.config ?? this.target.config, catalog }
    return this.exchange('write', files, input, options.stop ?? false)
  }

  /** With `stop`, the input stays open and the program is told to stop once its output begins. */
  async exchange(
    operation: string,
    files: { readonly config?: JsonData; readonly catalog?: ConfiguredAirbyteCatalog },
    input = '',
    stop = false,
  ): Promise<Exchange> {
    const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
    try {
      const args = [...(this.target.args ?? []), operation]
      for (const [name, content] of Object.entries(files)) {
        const path = join(folder, `${name}.json`)
        await writeFile(path, JSON.stringify(content), { mode: 0o600 })
        args.push(`--${name}`, path)
      }
      return await this.#converse(args, input, stop)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #converse(args: readonly string[], input: string, stop: boolean): Promise<Exchange> {
    const { command, env, timeoutMs, messageErrors } = this.target
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeoutMs)
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    child.stdin.on('error', () => undefined)
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    child.stdin.write(input)
    if (!stop) child.stdin.end()
    const messages: AirbyteMessage[] = []
    for await (const incoming of readMessages(child.stdout)) {
      if (stop) child.kill('SIGTERM')
      for (const one of incoming) {
        text += one.kind === 'garbage' ? one.text : JSON.stringify(one.message)
        if (one.kind === 'message') messages.push(one.message)
      }
    }
    const code = await exited
    clearTimeout(timer)
    assert.equal(timedOut, false, `the program did not end within ${timeoutMs} ms; it said: ${text.slice(-1_000)}`)
    const faults = messages.flatMap((message) => messageErrors(message).map((fault) => `${message.type}: ${fault}`))
    assert.deepEqual(faults, [], 'messages that are not as the protocol declares them')
    const states = messages.flatMap((message) => (message.type === 'STATE' ? [message.state] : []))
    return { code, messages, states, text }
  }
}

function formatState(state: AirbyteStateMessage): string {
  return formatMessage({ type: 'STATE', state })
}

/** States came back as they were sent, each once and in order. */
function assertEchoed(exchange: Exchange, sent: readonly AirbyteStateMessage[]): void {
  assert.equal(exchange.code, 0, `exit code ${exchange.code}; it said: ${exchange.text.slice(-1_000)}`)
  const content = ({ stream, global, data }: AirbyteStateMessage): unknown =>
    stream?.stream_state ?? global?.shared_state ?? data
  assert.deepEqual(exchange.states.map(content), sent.map(content), 'the STATE messages that came back')
}

async function checkFails(trial: Trial, config: JsonData): Promise<void> {
  const { messages, text } = await trial.exchange('check', { config })
  const statuses = messages.flatMap((message) =>
    message.type === 'CONNECTION_STATUS' ? [message.connectionStatus] : [],
  )
  const traced = messages.some((message) => message.type === 'TRACE' && message.trace.error != null)
  assert.ok(statuses[0]?.status === 'FAILED' || traced, `neither a FAILED status nor an error: ${text.slice(-1_000)}`)
  assert.ok(
    statuses.every(({ status, message }) => status === 'FAILED' && message != null && message !== ''),
    'a message that helps',
  )
}

/** What the protocol asks of everyone. */
const protocolCases: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  'spec prints one specification': async (trial) => {
    const { code, messages } = await trial.exchange('spec', {})
    assert.equal(code, 0)
    const specs = messages.flatMap((message) => (message.type === 'SPEC' ? [message.spec] : []))
    assert.equal(specs.length, 1)
    assert.equal(typeof specs[0]?.connectionSpecification['properties'], 'object')
  },

  'check accepts a good configuration': async (trial) => {
    const { messages, text } = await trial.exchange('check', { config: trial.target.config })
    const status = messages.find((message) => message.type === 'CONNECTION_STATUS')?.connectionStatus
    assert.equal(status?.status, 'SUCCEEDED', text.slice(-1_000))
  },

  'write of nothing ends well': async (trial) => assertEchoed(await trial.write(''), []),

  'write answers each STATE once, in order, with all rows written': async (trial) => {
    const before = (await trial.target.written?.()) ?? 0
    const states = [trial.state(), trial.state(), trial.state()]
    const input = states.map((state, index) => trial.records(index + 1) + formatState(state)).join('')
    assertEchoed(await trial.write(input), states)
    if (trial.target.written !== undefined)
      assert.equal((await trial.target.written()) - before, 6, 'rows at the destination')
  },

  'a STATE without rows is answered': async (trial) => {
    const state = trial.state()
    assertEchoed(await trial.write(formatState(state)), [state])
  },

  'states of the other kinds are answered': async (trial) => {
    const descriptor = { name: trial.target.stream.stream.name }
    const states: AirbyteStateMessage[] = [
      {
        type: 'GLOBAL',
        global: { shared_state: { a: 1 }, stream_states: [{ stream_descriptor: descriptor, stream_state: { b: 2 } }] },
      },
      { type: 'LEGACY', data: { c: 3 } },
    ]
    assertEchoed(await trial.write(states.map((state) => trial.record() + formatState(state)).join('')), states)
  },

  'rows without any STATE are written': async (trial) => {
    const before = (await trial.target.written?.()) ?? 0
    assertEchoed(await trial.write(trial.records(3), { stream: { operation: null } }), [])
    if (trial.target.written !== undefined)
      assert.equal((await trial.target.written()) - before, 3, 'rows at the destination')
  },

  'explicit nulls, and LOG and TRACE between the rows, do no harm': async (trial) => {
    const state = trial.state()
    const unset = { log: null, spec: null, connectionStatus: null, catalog: null, trace: null, control: null }
    const record = JSON.parse(trial.record()) as { readonly record: JsonData }
    const lines = [
      { type: 'LOG', log: { level: 'INFO', message: 'hello', stack_trace: null } },
      { ...unset, type: 'RECORD', state: null, record: { ...record.record, namespace: null, meta: null } },
      { type: 'TRACE', trace: { type: 'STREAM_STATUS', emitted_at: 1.0, error: null } },
      {
        ...unset,
        type: 'STATE',
        record: null,
        state: { ...state, global: null, data: null, sourceStats: { recordCount: 1.0 }, destinationStats: null },
      },
    ]
    assertEchoed(await trial.write(lines.map((line) => `${JSON.stringify(line)}\n`).join('')), [state])
  },

  'a last line without its end is a line': async (trial) => {
    const state = trial.state()
    assertEchoed(await trial.write(trial.record() + formatState(state).trimEnd()), [state])
  },

  'a huge row is taken': async (trial) => {
    const state = trial.state()
    assertEchoed(await trial.write(trial.record('long '.repeat(200_000)) + formatState(state)), [state])
  },

  'a row of a stream that is not in the catalog does not stop the others': async (trial) => {
    const state = trial.state()
    const stray = formatMessage({ type: 'RECORD', record: { stream: 'a stranger', data: {}, emitted_at: 1 } })
    assertEchoed(await trial.write(trial.record() + stray + trial.record() + formatState(state)), [state])
  },
}

function assertFailed({ code, states, messages, text }: Exchange, type?: string): void {
  assert.notEqual(code, 0, `it ended well; it said: ${text.slice(-1_000)}`)
  assert.equal(states.length, 0, 'no STATE of a batch that was not written')
  const errors = messages.flatMap((message) => (message.type === 'TRACE' ? [message.trace.error] : []))
  assert.ok(errors.length > 0, 'a TRACE that says why')
  if (type !== undefined) assert.equal(errors[0]?.failure_type, type)
}

/** What the kit promises beyond the protocol. */
const kitCases: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  'every row of a batch is accounted for': async (trial) => {
    const state = trial.state()
    const stray = formatMessage({ type: 'RECORD', record: { stream: 'a stranger', data: {}, emitted_at: 1 } })
    const { states } = await trial.write(trial.record() + stray + trial.records(2) + formatState(state))
    const stats = states[0]?.destinationStats
    assert.equal(stats?.recordCount, 4)
    assert.equal(stats?.rejectedRecordCount, 1)
    assert.deepEqual(
      stats?.rejected?.map(({ ordinal, code }) => [ordinal, code]),
      [[1, 'unknown_stream']],
    )
  },

  'half a line at the end: its batch is not written': async (trial) => {
    const input = trial.record() + trial.record().slice(0, 60)
    assertFailed(await trial.write(input, { stream: { operation: null } }), 'transient_error')
  },

  'a line that is no message stops the write': async (trial) => {
    assertFailed(await trial.write(`${trial.record()}no message\n${formatState(trial.state())}`), 'system_error')
  },

  'a batch whose promised STATE never comes is not written': async (trial) => {
    const before = (await trial.target.written?.()) ?? 0
    const operation = operationOf(trial.target.stream)
    assertFailed(await trial.write(trial.records(2), { stream: { operation } }), 'transient_error')
    if (trial.target.written !== undefined)
      assert.equal(await trial.target.written(), before, 'rows at the destination')
  },

  'a configuration that is not valid stops the write before it reads': async (trial) => {
    const config = Object.values(trial.target.badConfigs)[0] as JsonData
    assertFailed(await trial.write(trial.record() + formatState(trial.state()), { config }))
  },

  'no catalog, no config, no such command': async (trial) => {
    assertFailed(await trial.exchange('write', { config: trial.target.config }), 'config_error')
    assertFailed(await trial.exchange('write', {}), 'config_error')
    assert.equal((await trial.exchange('read', {})).code, 2)
  },

  'SIGTERM ends it within seconds, what is written acknowledged': async (trial) => {
    const state = trial.state()
    const { code, states } = await trial.write(trial.record() + formatState(state) + trial.record(), { stop: true })
    assert.equal(code, 143)
    assert.equal(states.length, 1)
  },
}
