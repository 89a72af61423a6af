import { expect, test } from 'vitest'
import type { AssetSpec } from '../contract/index.ts'
import { planRun } from './index.ts'
import { specOf } from '../../test/plan/world.ts'

function steps(assets: readonly AssetSpec[], targets = assets.map(({ key }) => key)) {
  const plan = planRun({ assets, states: {}, targets, force: false, warehouse: 'w' })
  return plan.steps.map(({ id, after, assets: members }) => ({ id, after, members: members.map(({ key }) => key) }))
}

test('the models of a dbt project that can go together are one step', () => {
  expect(
    steps([
      specOf('source/events'),
      specOf('model/shop/staged', ['source/events']),
      specOf('model/shop/customers', ['model/shop/staged']),
      specOf('trait/ltv', ['model/shop/customers']),
    ]),
  ).toEqual([
    { id: 'source/events', after: [], members: ['source/events'] },
    { id: 'dbt/shop', after: ['source/events'], members: ['model/shop/staged', 'model/shop/customers'] },
    { id: 'trait/ltv', after: ['dbt/shop'], members: ['trait/ltv'] },
  ])
})

test('a path through a notebook back into the project needs two groups, one after the other', () => {
  const assets = [
    specOf('model/shop/customers'),
    specOf('model/shop/other'),
    specOf('notebook/churn', ['model/shop/customers']),
    specOf('model/shop/scored', ['notebook/churn']),
  ]
  expect(steps(assets)).toEqual([
    { id: 'dbt/shop', after: [], members: ['model/shop/customers', 'model/shop/other'] },
    { id: 'notebook/churn', after: ['dbt/shop'], members: ['notebook/churn'] },
    { id: 'dbt/shop/2', after: ['dbt/shop', 'notebook/churn'], members: ['model/shop/scored'] },
  ])
  // Without the notebook in the plan, nothing keeps them apart.
  const models = assets.map(({ key }) => key).filter((key) => key.startsWith('model/'))
  expect(steps(assets, models)).toEqual([{ id: 'dbt/shop', after: [], members: models }])
})

test('two dbt projects that feed each other never wait for each other in a circle', () => {
  const found = steps([
    specOf('model/p/a1'),
    specOf('model/q/b2'),
    specOf('model/q/b1', ['model/p/a1']),
    specOf('model/p/a2', ['model/q/b2']),
  ])
  expect(found.map(({ id, members }) => [id, ...members])).toEqual([
    ['dbt/p', 'model/p/a1'],
    ['dbt/q', 'model/q/b2', 'model/q/b1'],
    ['dbt/p/2', 'model/p/a2'],
  ])
})

test('of two dbt projects, the one that can be finished goes first', () => {
  const found = steps([specOf('model/p/a1'), specOf('model/q/b1'), specOf('model/p/a2', ['model/q/b1'])])
  expect(found.map(({ id, members }) => [id, ...members])).toEqual([
    ['dbt/q', 'model/q/b1'],
    ['dbt/p', 'model/p/a1', 'model/p/a2'],
  ])
})

test('a model with a check that blocks is built before its readers: they have to know its result', () => {
  const checked = (blocking: boolean): AssetSpec => ({
    ...specOf('model/shop/staged'),
    checks: [
      {
        ...{ name: 'some', description: null, severity: blocking ? 'error' : 'warn', blocking },
        test: { type: 'row_count', min: 1, max: null },
      },
    ],
  })
  const rest = [specOf('model/shop/other'), specOf('model/shop/customers', ['model/shop/staged'])]
  expect(steps([checked(true), ...rest])).toEqual([
    { id: 'dbt/shop', after: [], members: ['model/shop/staged', 'model/shop/other'] },
    { id: 'dbt/shop/2', after: ['dbt/shop'], members: ['model/shop/customers'] },
  ])
  expect(steps([checked(false), ...rest])).toHaveLength(1)
})
