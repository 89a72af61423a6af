import { expect, test } from 'vitest'
import { freshStore, materializationOf, plannedRun, scope, stepInput } from '../../../test/store/fresh-store.ts'

const message = (run: string, sequence: number) => ({ run, sequence, part: 0, body: { n: sequence } })

test('messages are claimed in order by run, and a run by one at a time', async () => {
  const { store } = await freshStore()
  const { openLineage } = store
  const start = await openLineage.cursor(scope)
  await openLineage.enqueue(scope, start, start + 4, [
    message('a', 1),
    message('b', 2),
    message('a', 3),
    message('b', 4),
  ])
  // Whoever read the same events at the same time comes too late.
  await openLineage.enqueue(scope, start, start + 9, [message('a', 9)])
  expect(await openLineage.cursor(scope)).toBe(start + 4)

  const [a, b, none] = await Promise.all([1, 2, 3].map(() => openLineage.claim(scope, 60, 1)))
  expect([a, b, none].map((claimed) => claimed?.map(({ body }) => body['n'])).sort()).toEqual([[], [1], [2]])
  const first = [...(a ?? []), ...(b ?? []), ...(none ?? [])].find(({ run }) => run === 'a')
  // While a message is with one, nobody gets what stands behind it.
  expect(await openLineage.claim(scope, 60, 10)).toEqual([])
  await openLineage.taken([first?.id ?? 0])
  const rest = await openLineage.claim(scope, 60, 10)
  expect(rest.map(({ run, body, attempts }) => [run, body['n'], attempts])).toEqual([['a', 3, 1]])
  await openLineage.postpone([rest[0]?.id ?? 0], 0)
  expect(await openLineage.claim(scope, 0, 10)).toMatchObject([{ run: 'a', attempts: 2 }])

  // What will never be taken holds nothing up.
  const second = (await openLineage.claim(scope, 60, 10))[0]
  await openLineage.refuse(second?.id ?? 0, 'the endpoint answered 400')
  expect(await openLineage.state(scope)).toMatchObject({ refused: 1, waiting: 2 })
})

test('who dies over a claim loses it by the clock', async () => {
  const { store } = await freshStore()
  const { openLineage } = store
  const start = await openLineage.cursor(scope)
  await openLineage.enqueue(scope, start, start + 1, [message('a', 1)])
  expect(await openLineage.claim(scope, 0, 10)).toHaveLength(1)
  expect(await openLineage.claim(scope, 60, 10)).toMatchObject([{ attempts: 2 }])
  expect((await openLineage.state(scope)).dueInMs).toBeGreaterThan(30_000)
})

test('facts are the events of runs, with what was materialised', async () => {
  const { store } = await freshStore()
  await store.assets.register(scope, [])
  const start = await store.openLineage.cursor(scope)
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
