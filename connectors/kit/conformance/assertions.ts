import assert from 'node:assert/strict'
import { formatMessage, type AirbyteStateMessage } from '../../protocol/index.ts'
import type { Exchange } from './trial.ts'

export function formatState(state: AirbyteStateMessage): string {
  return formatMessage({ type: 'STATE', state })
}

/** States came back as they were sent, each once and in order. */
export function assertEchoed(exchange: Exchange, sent: readonly AirbyteStateMessage[]): void {
  assert.equal(exchange.code, 0, `exit code ${exchange.code}; it said: ${exchange.text.slice(-1_000)}`)
  const content = ({ stream, global, data }: AirbyteStateMessage): unknown =>
    stream?.stream_state ?? global?.shared_state ?? data
  assert.deepEqual(exchange.states.map(content), sent.map(content), 'the STATE messages that came back')
}

export function assertFailed({ code, states, messages, text }: Exchange, type?: string): void {
  assert.notEqual(code, 0, `it ended well; it said: ${text.slice(-1_000)}`)
  assert.equal(states.length, 0, 'no STATE of a batch that was not written')
  const errors = messages.flatMap((message) => (message.type === 'TRACE' ? [message.trace.error] : []))
  assert.ok(errors.length > 0, 'a TRACE that says why')
  if (type !== undefined) assert.equal(errors[0]?.failure_type, type)
}
