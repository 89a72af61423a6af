import { expect, test } from 'vitest'
import { eventTypes } from '../../../orchestrator/contract/index.ts'
import { staleKeys } from './invalidation.ts'

test('every type of event makes something stale', () => {
  for (const type of eventTypes) {
    expect(staleKeys({ type, run: 'r1', asset: 'trait/orders' }).length, type).toBeGreaterThan(0)
  }
})

test('a log line concerns its run alone', () => {
  expect(staleKeys({ type: 'log', run: 'r1', asset: null })).toEqual([
    ['log', 'r1'],
    ['run', 'r1'],
  ])
})

test('a materialisation concerns the graph and its run', () => {
  const keys = staleKeys({ type: 'asset_materialized', run: 'r1', asset: 'trait/orders' })
  expect(keys).toContainEqual(['graph'])
  expect(keys).toContainEqual(['run', 'r1'])
})
