import assert from 'node:assert/strict'
import { formatMessage, type AirbyteStateMessage, type JsonData } from '../../protocol/index.ts'
import { assertEchoed, formatState } from './assertions.ts'
import type { Trial } from './trial.ts'

export async function checkFails(trial: Trial, config: JsonData): Promise<void> {
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
export const protocolCases: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
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
