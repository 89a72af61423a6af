import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AssetKey, AssetOutcome, PlanStep } from '../../orchestrator/contract/index.ts'
import { broken, materialized } from '../../test/workflows/stub-activities.ts'
import { RunLedger } from './ledger.ts'

interface Drawn {
  readonly steps: readonly PlanStep[]
  readonly failing: ReadonlySet<AssetKey>
}

/** Random plans: steps of one to three assets that read assets of earlier steps or of their own, some of them failing. */
const plans: fc.Arbitrary<Drawn> = fc
  .array(
    fc.array(fc.record({ deps: fc.array(fc.nat(), { maxLength: 3 }), fails: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((drawn) => {
    const keys: { key: AssetKey; step: string }[] = []
    const failing = new Set<AssetKey>()
    const steps = drawn.map((assets, at): PlanStep => {
      const id = `dbt/shop/${at + 1}`
      const after = new Set<string>()
      const planned = assets.map((asset, n) => {
        const key: AssetKey = `model/shop/m${at}_${n}`
        const deps = keys.length === 0 ? [] : asset.deps.map((dep) => keys[dep % keys.length] as (typeof keys)[number])
        for (const dep of deps) if (dep.step !== id) after.add(dep.step)
        keys.push({ key, step: id })
        if (asset.fails) failing.add(key)
        return { key, reasons: [], deps: [...new Set(deps.map((dep) => dep.key))] }
      })
      return { id, workflow: 'buildDbtModels', assets: planned, after: [...after] }
    })
    return { steps, failing }
  })

/** A step as an activity would do it: in a group too, what is downstream of a failure is not tried. */
function work(step: PlanStep, failing: ReadonlySet<AssetKey>): AssetOutcome[] {
  const bad = new Set<AssetKey>()
  return step.assets.map(({ key, deps }): AssetOutcome => {
    const upstream = deps.find((dep) => bad.has(dep))
    if (upstream !== undefined || failing.has(key)) bad.add(key)
    if (upstream !== undefined) return { asset: key, status: 'upstream_failed', upstream, reason: 'because' }
    return failing.has(key) ? { asset: key, status: 'failed', failure: broken } : materialized(key)
  })
}

/** What each asset's fate has to be, from the definition of it. */
function expected({ steps, failing }: Drawn): Record<string, string> {
  const fates: Record<string, string> = {}
  for (const { key, deps } of steps.flatMap((step) => step.assets)) {
    const blocked = deps.some((dep) => fates[dep] !== 'materialized')
    fates[key] = blocked ? 'upstream_failed' : failing.has(key) ? 'failed' : 'materialized'
  }
  return fates
}

test('whatever the order of ends and wherever it is carried over, each asset meets its fate once', () => {
  fc.assert(
    fc.property(plans, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 5 }), (drawn, choices, pageSize) => {
      const draw = (below: number): number => (choices.next().value as number) % below
      const fates = new Map<AssetKey, string>()
      const keep = (outcomes: readonly AssetOutcome[]): void => {
        for (const { asset, status } of outcomes) {
          expect(fates.has(asset)).toBe(false)
          fates.set(asset, status)
        }
      }
      let ledger = new RunLedger(null)
      let read = 0
      const readPage = (): void => {
        ledger.add(drawn.steps.slice(read, read + pageSize))
        read += pageSize
      }
      const running: PlanStep[] = []
      for (;;) {
        const taken = draw(3) > 0 ? ledger.take() : null
        if (taken !== null) {
          keep(taken.blocked)
          if (taken.step !== null) running.push(taken.step)
        } else if (running.length > 0) {
          const [step] = running.splice(draw(running.length), 1) as [PlanStep]
          for (const dep of step.after) expect(running.some((other) => other.id === dep)).toBe(false)
          const outcomes = work(step, drawn.failing)
          keep(outcomes)
          ledger.end(step, outcomes)
        } else if (ledger.hasReady && draw(2) === 0) {
          const carried = JSON.parse(JSON.stringify(ledger.carry())) as ReturnType<RunLedger['carry']>
          ledger = new RunLedger(carried)
          read = 0
          readPage()
        } else if (ledger.hasReady) continue
        else if (read < drawn.steps.length) readPage()
        else break
      }
      expect(Object.fromEntries(fates)).toEqual(expected(drawn))
      expect(ledger.remaining()).toEqual([])
      expect(ledger.endedSteps).toBe(drawn.steps.length)
      const { materialized: done, failed, upstream_failed: blocked } = ledger.counts
      expect(done + failed + blocked).toBe(fates.size)
    }),
    { numRuns: 200 },
  )
})

test('what 10,000 steps carry over is small', () => {
  const ledger = new RunLedger(null)
  const steps = Array.from({ length: 10_000 }, (_, at): PlanStep => {
    const key: AssetKey = `trait/a_rather_long_name_of_a_trait_${at}`
    return { id: key, workflow: 'materializeTrait', after: [], assets: [{ key, reasons: [], deps: [] }] }
  })
  ledger.add(steps)
  for (const step of steps) {
    ledger.take()
    const asset = step.assets[0]?.key as AssetKey
    const failure = {
      ...broken,
      message: `${asset} failed for a reason of its own, and a long one at that: ${'x'.repeat(500)}`,
    }
    ledger.end(step, [{ asset, status: 'failed', failure }])
  }
  expect(JSON.stringify(ledger.carry()).length).toBeLessThan(1_900_000)
})
