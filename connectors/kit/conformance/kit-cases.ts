import assert from 'node:assert/strict'
import { formatMessage, type JsonData } from '../../protocol/index.ts'
import { operationOf } from '../definition.ts'
import { assertFailed, formatState } from './assertions.ts'
import type { Trial } from './trial.ts'

/** What the kit promises beyond the protocol. */
export const kitCases: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
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
    assertFailed(
      await trial.write(trial.records(2), { stream: { operation: operationOf(trial.target.stream) } }),
      'transient_error',
    )
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
