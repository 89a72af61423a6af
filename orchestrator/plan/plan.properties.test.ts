import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AssetKey, AssetSpec, RunPlan } from '../contract/index.ts'
import { planRun } from './index.ts'
import { graphs, specOf, World } from '../../test/plan/world.ts'

const planAll = (world: World): RunPlan =>
  planSome(
    world,
    world.specs.map(({ key }) => key),
  )

function planSome(world: World, targets: readonly AssetKey[]): RunPlan {
  return planRun({ assets: world.specs, states: world.states, targets, force: false, warehouse: world.warehouse })
}

const subset = (specs: readonly AssetSpec[]) => fc.subarray(specs.map(({ key }) => key))

test('each target is in the plan once, and each step after the steps that it reads from', () => {
  const targeted = graphs().chain((specs) => fc.tuple(fc.constant(specs), subset(specs)))
  fc.assert(
    fc.property(targeted, ([specs, targets]) => {
      const plan = planSome(new World(specs), targets)
      const planned = plan.steps.flatMap((step) => step.assets.map(({ key }) => key))
      expect([...planned, ...plan.fresh].sort()).toEqual([...targets].sort())

      const position = new Map(plan.steps.map((step, index) => [step.id, index]))
      expect(position.size).toBe(plan.steps.length)
      const stepOf = new Map(plan.steps.flatMap((step) => step.assets.map(({ key }) => [key, step.id])))
      plan.steps.forEach((step, index) => {
        for (const before of step.after) expect(position.get(before)).toBeLessThan(index)
        for (const { deps } of step.assets) {
          for (const dep of deps) expect([step.id, ...step.after]).toContain(stepOf.get(dep))
        }
      })
    }),
  )
})

test('steps of one dbt project never run at once', () => {
  fc.assert(
    fc.property(graphs(), (specs) => {
      const { steps } = planAll(new World(specs))
      for (const project of ['dbt/p', 'dbt/q']) {
        const ids = steps.map(({ id }) => id).filter((id) => id === project || id.startsWith(`${project}/`))
        ids.slice(1).forEach((id, index) => {
          expect(steps.find((step) => step.id === id)!.after).toContain(ids[index])
        })
      }
    }),
  )
})

test('a dbt project has as few groups as the most times that a path leaves it and comes back, and one more', () => {
  fc.assert(
    fc.property(graphs(), (mixed) => {
      const specs = mixed.filter(({ key }) => !key.startsWith('model/q/'))
      const kept = new Set(specs.map(({ key }) => key))
      const world = new World(
        specs.map((spec) =>
          specOf(
            spec.key,
            spec.deps.filter((dep) => kept.has(dep)),
          ),
        ),
      )
      const exits: Record<AssetKey, number> = {}
      const isModel = (key: AssetKey) => key.startsWith('model/')
      for (const { key, deps } of world.specs) {
        exits[key] = Math.max(0, ...deps.map((dep) => exits[dep]! + (isModel(dep) && !isModel(key) ? 1 : 0)))
      }
      const models = world.specs.filter(({ key }) => isModel(key))
      const fewest = models.length === 0 ? 0 : 1 + Math.max(...models.map(({ key }) => exits[key]!))
      const groups = planAll(world).steps.filter(({ id }) => id.startsWith('dbt/'))
      expect(groups).toHaveLength(fewest)
    }),
  )
})

test('after everything succeeded, planning again gives the sources and what may change from them', () => {
  fc.assert(
    fc.property(graphs(), (specs) => {
      const world = new World(specs)
      expect(world.execute(planAll(world)).failed).toEqual([])
      const again = planAll(world)
      for (const { reasons } of again.steps.flatMap((step) => step.assets)) {
        for (const { type } of reasons) expect(['observe', 'upstream_may_change']).toContain(type)
      }
      const sources = specs.filter(({ kind }) => kind === 'source').map(({ key }) => key)
      expect(world.execute(again).materialized).toEqual(sources)
      const others = specs.map(({ key }) => key).filter((key) => !key.startsWith('source/'))
      expect(planSome(world, others).steps).toEqual([])
    }),
  )
})

test('however runs, failures, new data and new definitions interleave, one run without failures converges', () => {
  const histories = graphs(16).chain((specs) => {
    const event = fc.oneof(
      fc.record({ type: fc.constant('run' as const), targets: subset(specs), failing: subset(specs) }),
      fc.record({ type: fc.constant('data' as const), asset: fc.nat(specs.length - 1), value: fc.nat(3) }),
      fc.record({ type: fc.constant('code' as const), asset: fc.nat(specs.length - 1), value: fc.nat(3) }),
    )
    return fc.tuple(fc.constant(specs), fc.array(event, { maxLength: 12 }))
  })
  fc.assert(
    fc.property(histories, ([specs, history]) => {
      const world = new World(specs)
      for (const event of history) {
        if (event.type === 'run') {
          const failing = new Set(event.failing)
          world.execute(planSome(world, event.targets), { fails: (key) => failing.has(key) })
        } else if (event.type === 'data') {
          const spec = world.specs[event.asset]!
          if (spec.kind === 'source') world.content[spec.key] = String(event.value)
        } else {
          world.specs[event.asset] = { ...world.specs[event.asset]!, codeVersion: `v${event.value}` }
        }
      }
      expect(world.execute(planAll(world)).failed).toEqual([])
      const held = Object.fromEntries(world.specs.map(({ key }) => [key, world.states[key]?.latest?.dataVersion]))
      expect(held).toEqual(world.ideal())
    }),
  )
})

test('10,000 assets with two deps each are planned well within a second', () => {
  const specs = Array.from({ length: 10_000 }, (_, index) => {
    const key: AssetKey = index % 3 === 0 ? `model/p/a${index}` : `trait/a${index}`
    const keyAt = (at: number): AssetKey => (at % 3 === 0 ? `model/p/a${at}` : `trait/a${at}`)
    return specOf(key, index < 10 ? [] : [keyAt(index - 3), keyAt(index - 9)])
  })
  const world = new World(specs)
  const start = performance.now()
  const plan = planAll(world)
  const took = performance.now() - start
  console.log(`planned 10,000 assets in ${took.toFixed(0)} ms`)
  expect(plan.steps.flatMap((step) => step.assets)).toHaveLength(10_000)
})
