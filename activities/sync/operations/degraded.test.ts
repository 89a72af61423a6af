import { expect, test } from 'vitest'
import type { SyncRunRow } from '../../../orchestrator/store/store.ts'
import { degradationsOf } from './degraded.ts'

const run = (sent: number, rejected: number, waiting = rejected, desired = sent): SyncRunRow =>
  ({ sent, rejected, waiting, planned: { desired } }) as SyncRunRow

test('a sync that succeeds is degraded by a creeping share, an empty source or a backlog that grows', () => {
  expect(degradationsOf(run(100, 1), [run(100, 1)])).toEqual([])
  expect(degradationsOf(run(100, 4), [run(100, 1)])).toEqual(['4 % of its rows were rejected, 1 % before'])
  expect(degradationsOf(run(10, 4), [run(100, 1)])).toEqual([])
  expect(degradationsOf(run(0, 0), [run(100, 0)])).toEqual(['its source is empty'])
  expect(degradationsOf(run(0, 0), [run(0, 0)])).toEqual([])
  const growing = [run(1, 0, 4), run(1, 0, 3), run(1, 0, 2), run(1, 0, 1)] as const
  expect(degradationsOf(growing[0], growing.slice(1))).toEqual(['4 rejected rows wait, more after each run'])
  expect(degradationsOf(growing[0], [run(1, 0, 4), ...growing.slice(2)])).toEqual([])
})
