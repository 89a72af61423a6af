import { expect, test } from 'vitest'
import { freshStore, materializationOf, plannedRun, scope, stepInput } from '../../../test/store/fresh-store.ts'

test('facts are the events of runs, with what was materialised', async () => {
  const { store } = await freshStore()
  await store.assets.register(scope, [])
  const start = await store.outbox.cursor(scope, 'openlineage')
  await plannedRun(store, 'r1', ['trait/ltv'])
  await store.assets.startStep(stepInput('r1', 'trait/ltv'), ['trait/ltv'], 1)
  const checks = [{ name: 'not_null_ltv', severity: 'error' as const, passed: true, failures: 0, message: null }]
  await store.assets.recordMaterialization(
    stepInput('r1', 'trait/ltv'),
    materializationOf('trait/ltv', { checks }),
    null,
  )
  const { facts, last } = await store.openLineage.facts(scope, start, 100)
  expect(facts.map(({ event, begun }) => [event.type, begun])).toEqual([
    ['run_queued', false],
    ['run_started', false],
    ['run_planned', false],
    ['step_started', true],
    ['asset_materialized', true],
    ['check_evaluated', true],
  ])
  expect(facts[4]?.materialization).toMatchObject({ dataVersion: 'sum-v1:1', checks: [{ name: 'not_null_ltv' }] })
  expect(last).toBe(facts.at(-1)?.event.sequence)
  expect((await store.openLineage.facts(scope, last, 100)).last).toBe(last)
})
