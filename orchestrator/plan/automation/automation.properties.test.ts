import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AutomationWorld, nodesOf } from '../../../test/plan/automation-world.ts'
import {
  cronName,
  cronTriggers,
  type AssetKey,
  type AutomationCondition,
  type AutomationNode,
} from '../../contract/index.ts'
import { canStart } from '../../project/automation.ts'
import type { Automation } from '../../define/index.ts'

const trigger = { cron: '0 6 * * *', timeZone: 'UTC', overlap: 'skip', catchUpSeconds: 3_600 } as const
const cron = cronName(trigger)

const onOps = ['missing', 'code_changed', 'upstream_changed', 'in_progress', 'failed'] as const
const moreOps = ['newly_updated', 'initial_evaluation', 'check_failed', 'eager', 'on_missing'] as const

const leaves: fc.Arbitrary<AutomationCondition> = fc.oneof(
  fc.constantFrom(...onOps, ...moreOps, 'on_upstream_change' as const).map((op) => ({ op })),
  fc.constantFrom(null, 'fits').map((check) => ({ op: 'check_passed' as const, check })),
  fc.constantFrom(1, 10).map((minutes) => ({ op: 'quiet_for' as const, minutes })),
  fc.constantFrom('on_cron' as const, 'cron' as const).map((op) => ({ op, trigger })),
)

const timeless = leaves.filter(({ op }) => op !== 'on_cron' && op !== 'cron')

const { condition: conditions } = fc.letrec<{ condition: AutomationCondition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), of: tie('condition') }),
    fc.record({ op: fc.constantFrom('any_deps' as const, 'all_deps' as const), of: timeless }),
  ),
}))

const graph = { 'source/a': [], 'source/b': [], 'trait/c': ['source/a', 'source/b'], 'trait/d': ['trait/c'] }
const keys = Object.keys(graph) as AssetKey[]

type Happening = (world: AutomationWorld) => readonly AssetKey[]

/** Something that is recorded; answers of which assets. */
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  fc.tuple(fc.constantFrom(...keys), fc.boolean()).map(([key, fails]): Happening => (world) => {
    world.change(key, fails ? ['fits'] : []).end(key)
    return [key]
  }),
  fc.constantFrom(...keys).map((key): Happening => (world) => {
    world.materialize(key).end(key)
    return [key]
  }),
  fc.constantFrom(...keys).map((key): Happening => (world) => {
    world.fail(key)
    return [key]
  }),
  fc.tuple(fc.constantFrom(...keys), fc.boolean()).map(([key, passed]): Happening => (world) => {
    world.check(key, 'fits', passed)
    return [key]
  }),
  fc.constantFrom(...keys).map((key): Happening => (world) => {
    world.begin(key, 'someone-s')
    return [key]
  }),
  fc.constantFrom(0.5, 3, 12).map((minutes): Happening => (world) => {
    world.now += minutes * 60_000
    return []
  }),
  fc.nat(9).map((hour): Happening => (world) => {
    const at = `2026-01-0${hour + 1}T06:00:00.000Z`
    if ((world.ticks[cron] ?? '') >= at) return []
    world.tick(cron, at)
    return world.keys.filter((key) => {
      const automation = world.graph.get(key)?.automation
      return automation !== undefined && cronTriggers(automation).length > 0
    })
  }),
)

/** Made anew each time: they are played with. */
const worlds = fc.array(happenings, { maxLength: 8 }).map((past) => () => {
  const world = new AutomationWorld(graph)
  for (const happen of past) {
    happen(world)
    world.now += 1_000
  }
  return world
})

const given = fc.tuple(worlds, fc.constantFrom(...keys))
const not = (of: AutomationCondition): AutomationCondition => ({ op: 'not', of })
const and = (...of: AutomationCondition[]): AutomationCondition => ({ op: 'and', of })
const or = (...of: AutomationCondition[]): AutomationCondition => ({ op: 'or', of })

test('and, or and not are those of logic: De Morgan, double negation, idempotence, order and brackets', () => {
  fc.assert(
    fc.property(given, conditions, conditions, conditions, ([makeWorld, key], a, b, c) => {
      const world = makeWorld()
      const holds = (condition: AutomationCondition): boolean => world.look(condition, key).tree.holds
      const same = (one: AutomationCondition, other: AutomationCondition): void => {
        expect(holds(one)).toBe(holds(other))
      }
      same(not(and(a, b)), or(not(a), not(b)))
      same(not(or(a, b)), and(not(a), not(b)))
      same(not(not(a)), a)
      same(and(a, a), a)
      same(or(a, a), a)
      same(and(a, b), and(b, a))
      same(or(a, b), or(b, a))
      same(and(and(a, b), c), and(a, and(b, c)))
      same(or(or(a, b), c), or(a, or(b, c)))
      same(and(a, or(b, c)), or(and(a, b), and(a, c)))
      same(or(a, and(a, b)), a)
      expect(holds(or(a, not(a)))).toBe(true)
      expect(holds(and(a, not(a)))).toBe(false)
    }),
  )
})

test('for all that is read there is none for which it is not so', () => {
  fc.assert(
    fc.property(given, timeless, ([makeWorld, key], a) => {
      const world = makeWorld()
      const holds = (condition: AutomationCondition): boolean => world.look(condition, key).tree.holds
      expect(holds({ op: 'all_deps', of: a })).toBe(!holds({ op: 'any_deps', of: not(a) }))
    }),
  )
})

/** By what is in it, as a reader would judge it. */
function verdictOf({ condition, holds, of }: AutomationNode): boolean {
  if (of === undefined) return holds
  if (condition.startsWith('not(')) return !of[0]!.holds
  const some = condition === 'or' || condition.startsWith('any_deps')
  return some ? of.some((part) => part.holds) : of.every((part) => part.holds)
}

test('what is explained is what was decided, at every level', () => {
  fc.assert(
    fc.property(given, conditions, ([makeWorld, key], condition) => {
      const world = makeWorld()
      const { outcome, summary, tree, cause, nextAt } = world.look(condition, key)
      for (const node of nodesOf(tree)) {
        expect(node.holds).toBe(verdictOf(node))
        expect(node.reason).not.toBe('')
      }
      const begins = {
        requested: 'starts: ',
        waiting: 'not yet: ',
        idle: /^(nothing to do|holds without a cause|started)/,
      }
      expect(summary).toMatch(begins[outcome])
      if (outcome === 'requested') expect([tree.holds, cause === null]).toEqual([true, false])
      if (outcome === 'waiting') expect(tree.holds).toBe(false)
      if (nextAt !== null) expect(Date.parse(nextAt)).toBeGreaterThan(world.now)
    }),
  )
})

test('what the compiler takes for a condition without a cause never starts anything', () => {
  fc.assert(
    fc.property(given, conditions, ([makeWorld, key], condition) => {
      const world = makeWorld()
      fc.pre(!canStart(condition))
      expect(world.look(condition, key).cause).toBeNull()
    }),
  )
})

test('an asset is not started twice for the same', () => {
  fc.assert(
    fc.property(given, conditions, ([makeWorld, key], condition) => {
      const world = makeWorld()
      // Where something has to be no longer so, that it was started may be what it waits for.
      fc.pre(!JSON.stringify(condition).includes('"not"'))
      world.automate({ condition } as Automation, key)
      world.evaluate()
      expect(world.evaluate()).not.toContain(key)
    }),
    { numRuns: 500 },
  )
})

test('looking only downstream of what changed starts what looking at everything would', () => {
  const automated = fc.record(Object.fromEntries(keys.map((key) => [key, fc.option(conditions, { nil: undefined })])))
  const story = fc.array(happenings, { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(automated, story, (conditionOf, happen) => {
      const [some, all] = [new AutomationWorld(graph), new AutomationWorld(graph)]
      for (const key of keys) {
        const condition = conditionOf[key]
        if (condition !== undefined) for (const world of [some, all]) world.automate({ condition } as Automation, key)
      }
      let started: AssetKey[] = some.evaluate()
      expect(all.evaluate()).toEqual(started)
      for (const each of happen) {
        const news = new Set<AssetKey>(started)
        for (const world of [some, all]) {
          // What was started is under way: its run was recorded.
          for (const key of started) world.begin(key, world.memories[key]!.run!)
          world.now += 1_000
          for (const key of each(world)) news.add(key)
        }
        const everything = all.evaluate()
        started = some.evaluate([...news, ...some.due()])
        expect(started).toEqual(everything)
      }
    }),
    { numRuns: 300 },
  )
})
