import { expect, test } from 'vitest'
import { sortAssets } from './sort.ts'

const rows = [
  { key: 'trait/b', rows: 5, materializedAt: '2026-01-02T00:00:00Z', health: 'materialized' },
  { key: 'trait/a', rows: null, materializedAt: null, health: 'never' },
  { key: 'trait/c', rows: 9, materializedAt: '2026-01-01T00:00:00Z', health: 'failed' },
] as const
const keys = (sorted: readonly { key: string }[]) => sorted.map(({ key }) => key.slice(-1)).join('')

test('each column, both ways; what has no value comes last', () => {
  expect(keys(sortAssets(rows, undefined, false))).toBe('bac')
  expect(keys(sortAssets(rows, 'key', false))).toBe('abc')
  expect(keys(sortAssets(rows, 'rows', false))).toBe('bca')
  expect(keys(sortAssets(rows, 'rows', true))).toBe('cba')
  expect(keys(sortAssets(rows, 'materialized', true))).toBe('bca')
  expect(keys(sortAssets(rows, 'status', false))).toBe('cab')
})
