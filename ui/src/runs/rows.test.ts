import { expect, test } from 'vitest'
import type { RunAsset } from '../../../orchestrator/server/api.ts'
import { inOrderOfTime, progressInWords } from './rows.ts'

const row = (name: string, status: RunAsset['status'], startedAt: string | null): RunAsset => ({
  asset: `trait/${name}`,
  step: `trait/${name}`,
  status,
  reasons: [],
  startedAt,
  endedAt: null,
  attempt: 1,
  failure: null,
  summary: null,
  rows: null,
  partitions: null,
})
const rows = [
  row('c', 'planned', null),
  row('b', 'running', '2026-01-01T00:00:02Z'),
  row('d', 'planned', null),
  row('a', 'materialized', '2026-01-01T00:00:01Z'),
]

test('what began is in order of time, what has not is in order of the plan', () => {
  expect(inOrderOfTime(rows).map(({ asset }) => asset.slice(-1))).toEqual(['a', 'b', 'c', 'd'])
})

test('progress', () => {
  expect(progressInWords(rows)).toBe('1 of 4 done, 1 running')
  expect(progressInWords([])).toBe('0 of 0 done')
})
