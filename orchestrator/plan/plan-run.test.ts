import { describe, expect, test } from 'vitest'
import type { AssetKey, AssetSpec, AssetState } from '../contract/index.ts'
import { explain, planRun } from './index.ts'
import { specOf, World } from '../../test/plan/world.ts'

const shop = [
  specOf('source/purchases'),
  specOf('model/shop/customers', ['source/purchases']),
  specOf('trait/ltv', ['model/shop/customers']),
  specOf('audience/vip', ['trait/ltv']),
]
const everything = shop.map(({ key }) => key)

function plan(world: World, targets: readonly AssetKey[] = everything, force = false) {
  return planRun({ assets: world.specs, states: world.states, targets, force, warehouse: world.warehouse })
}

function reasons(world: World, targets?: readonly AssetKey[], force?: boolean) {
  const assets = plan(world, targets, force).steps.flatMap((step) => step.assets)
  return Object.fromEntries(assets.map(({ key, reasons }) => [key, reasons.map((reason) => reason.type)]))
}

describe('a project over time', () => {
  test('at first everything runs, since nothing was ever made', () => {
    expect(reasons(new World(shop))).toEqual({
      'source/purchases': ['never_materialized', 'observe'],
      'model/shop/customers': ['never_materialized', 'upstream_may_change'],
      'trait/ltv': ['never_materialized', 'upstream_may_change'],
      'audience/vip': ['never_materialized', 'upstream_may_change'],
    })
  })

  test('afterwards only the source is looked at, and what may change from it', () => {
    const world = new World(shop)
    world.execute(plan(world))
    expect(reasons(world)).toEqual({
      'source/purchases': ['observe'],
      'model/shop/customers': ['upstream_may_change'],
      'trait/ltv': ['upstream_may_change'],
      'audience/vip': ['upstream_may_change'],
    })
    expect(world.execute(plan(world))).toEqual({
      materialized: ['source/purchases'],
      fresh: ['model/shop/customers', 'trait/ltv', 'audience/vip'],
      failed: [],
    })
    const without = everything.filter((key) => key !== 'source/purchases')
    expect(plan(world, without)).toEqual({ steps: [], fresh: without })
  })

  test('a changed definition runs with what is downstream of it, and the wave stops where content is the same', () => {
    const world = new World(shop)
    world.execute(plan(world))
    world.specs = world.specs.map((spec) => (spec.key === 'trait/ltv' ? { ...spec, codeVersion: 'v2' } : spec))
    world.dataVersion = (spec) => world.states[spec.key]!.latest!.dataVersion
    const changed = plan(world, ['trait/ltv', 'audience/vip'])
    expect(changed.steps.map((step) => step.assets[0]!.reasons[0])).toEqual([
      { type: 'code_changed' },
      { type: 'upstream_may_change', upstream: 'trait/ltv' },
    ])
    expect(world.execute(changed)).toEqual({ materialized: ['trait/ltv'], fresh: ['audience/vip'], failed: [] })
  })

  test('an upstream that changed in another run is a reason by itself', () => {
    const world = new World(shop)
    world.execute(plan(world))
    world.content['source/purchases'] = 'more'
    world.execute(plan(world, ['source/purchases']))
    expect(reasons(world, ['model/shop/customers', 'audience/vip'])).toEqual({
      'model/shop/customers': ['upstream_changed'],
    })
  })

  test('a failed attempt is tried again, even though its inputs are the same', () => {
    const world = new World(shop)
    world.execute(plan(world))
    world.execute(plan(world, ['trait/ltv'], true), { fails: () => true, force: true })
    expect(reasons(world, ['trait/ltv'])).toEqual({ 'trait/ltv': ['last_attempt_failed'] })
  })

  test('another warehouse makes everything stale', () => {
    const world = new World(shop)
    world.execute(plan(world))
    world.warehouse = 'w2'
    expect(reasons(world, ['trait/ltv'])).toEqual({ 'trait/ltv': ['warehouse_changed'] })
    expect(world.execute(plan(world, ['trait/ltv'])).failed).toEqual(['trait/ltv'])
    expect(world.execute(plan(world)).materialized).toEqual(everything)
  })

  test('a warehouse that is not known is not judged by', () => {
    const world = new World(shop)
    world.execute(plan(world))
    const { states, specs: assets } = world
    const targets: AssetKey[] = ['trait/ltv']
    expect(planRun({ assets, states, targets, force: false, warehouse: null }).fresh).toEqual(targets)
  })

  test('force runs all that is selected, and says so after better reasons', () => {
    const world = new World(shop)
    world.execute(plan(world))
    expect(reasons(world, ['trait/ltv'], true)).toEqual({ 'trait/ltv': ['forced'] })
  })

  test('what took little time lately is done at once, but not what starts a process or may have to know its attempt', () => {
    const world = new World(shop)
    expect(plan(world).steps.map(({ quick }) => quick)).toEqual([undefined, undefined, undefined, undefined])
    world.durationMs = 20
    world.execute(plan(world))
    expect(plan(world, everything, true).steps.map(({ quick }) => quick)).toEqual([undefined, undefined, true, true])
    world.durationMs = 20_000
    world.execute(plan(world, ['trait/ltv'], true), { force: true })
    expect(plan(world, everything, true).steps.map(({ quick }) => quick)).toEqual([
      undefined,
      undefined,
      undefined,
      true,
    ])
  })

  test('an asset with a new dep is stale, though nothing that it read has changed', () => {
    const world = new World(shop)
    world.execute(plan(world))
    world.specs[3] = specOf('audience/vip', ['trait/ltv', 'model/shop/customers'])
    expect(plan(world, ['audience/vip']).steps[0]!.assets[0]!.reasons).toEqual([
      { type: 'upstream_changed', upstream: 'model/shop/customers' },
    ])
  })

  test('upstreams that are not selected do not run; one that was never made fails its reader', () => {
    const world = new World(shop)
    expect(plan(world, ['audience/vip']).steps).toEqual([
      {
        id: 'audience/vip',
        workflow: 'materializeAudience',
        after: [],
        assets: [{ key: 'audience/vip', reasons: [{ type: 'never_materialized' }], deps: [] }],
      },
    ])
    expect(world.execute(plan(world, ['audience/vip'])).failed).toEqual(['audience/vip'])
  })
})

test('a plan is explained in lines', () => {
  const world = new World([...shop, specOf('model/shop/browsing', ['source/purchases'])])
  world.execute(plan(world))
  const lines = explain(
    plan(world, ['source/purchases', 'model/shop/customers', 'model/shop/browsing', 'audience/vip']),
  )
  expect(lines).toEqual([
    'source/purchases  looked at in every run',
    'dbt/shop  2 models',
    '  model/shop/customers  source/purchases may change',
    '  model/shop/browsing   never materialised (and 1 more)',
    '3 to run, 1 fresh',
  ])
})

describe('what others materialise and report', () => {
  const scores = { ...specOf('source/scores'), external: true } as AssetSpec
  const assets = [scores, specOf('trait/risk', ['source/scores'])]
  const reported = (world: World, dataVersion: string, failedChecks: string[] = []) => {
    const latest = { codeVersion: 'old', dataVersion, upstream: {}, warehouse: '*', durationMs: 0, failedChecks }
    world.states['source/scores'] = { key: 'source/scores', latest, lastAttempt: 'succeeded' }
  }
  const all = assets.map(({ key }) => key)

  test('never runs, however it is selected, and what reads it follows what was reported', () => {
    const world = new World(assets)
    expect(reasons(world, all, true)).not.toHaveProperty('source/scores')
    expect(world.execute(plan(world, all)).failed).toEqual(['trait/risk'])

    reported(world, 'reported:1')
    expect(world.execute(plan(world, all)).materialized).toEqual(['trait/risk'])
    expect(plan(world, all)).toEqual({ steps: [], fresh: ['trait/risk'] })

    reported(world, 'reported:2')
    expect(reasons(world, all)).toEqual({ 'trait/risk': ['upstream_changed'] })
    reported(world, 'reported:3', ['complete'])
    expect(world.execute(plan(world, all)).failed).toEqual(['trait/risk'])
  })
})

test('a sync that goes elsewhere is due, though nothing that it reads has changed', () => {
  const state = (key: AssetKey, upstream: Record<AssetKey, string>): AssetState => ({
    key,
    latest: { codeVersion: 'v1', dataVersion: 'd', upstream, warehouse: 'w', durationMs: null, failedChecks: [] },
    lastAttempt: 'succeeded',
  })
  const assets = [specOf('audience/vip'), specOf('sync/vip', ['audience/vip'])]
  const states = { 'audience/vip': state('audience/vip', {}), 'sync/vip': state('sync/vip', { 'audience/vip': 'd' }) }
  const input = { assets, states, targets: ['sync/vip'] as const, force: false, warehouse: 'w' }
  expect(planRun(input).fresh).toEqual(['sync/vip'])
  const [step] = planRun({ ...input, moved: new Set<AssetKey>(['sync/vip']) }).steps
  expect(step?.assets[0]?.reasons).toEqual([{ type: 'destination_changed' }])
})
