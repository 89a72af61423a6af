import { expect, test } from 'vitest'
import { anyWarehouse, type AssetSpec, type AssetState, type AssetStates } from '../../contract/index.ts'
import { partitionInputs } from './facts.ts'

const reader = { key: 'trait/visits', deps: ['source/reported'] } as unknown as AssetSpec
const inputs = (latest: Partial<NonNullable<AssetState['latest']>> | null) => {
  const made = latest && { codeVersion: 'c', dataVersion: 'v', upstream: {}, failedChecks: [], ...latest }
  const states = { 'source/reported': { key: 'source/reported', latest: made, lastAttempt: 'none' } }
  const none = () => undefined
  return partitionInputs(reader, new Map(), states as unknown as AssetStates, none, () => null, 'here')
}

test('what others filled is in every warehouse, what was made elsewhere is not in this one', () => {
  expect(inputs({ warehouse: anyWarehouse })).toMatchObject({ missing: [], versions: { 'source/reported': 'v' } })
  expect(inputs({ warehouse: 'here' }).missing).toEqual([])
  expect(inputs({ warehouse: 'elsewhere' }).missing).toEqual(['source/reported'])
  expect(inputs(null).missing).toEqual(['source/reported'])
})
