import type { AssetKey, AssetSpec, AssetStates, RunPlan, StaleReason } from '../contract/index.ts'
import { judge, neverMaterialized, upstreamVersions } from './judge.ts'
import { planningKind } from './kinds.ts'
import { cutIntoSteps } from './steps.ts'
import type { Member } from './steps.ts'

export interface PlanRunInput {
  /** All of the project, in topological order. */
  readonly assets: readonly AssetSpec[]
  /** Of the targets and what they read; an asset without a state was never materialised. */
  readonly states: AssetStates
  readonly targets: readonly AssetKey[]
  readonly force: boolean
  /** Identity of the warehouse in use; null if it is not known here. */
  readonly warehouse: string | null
  /** Syncs whose rows would go elsewhere than their last ones; left out where that is not known. */
  readonly moved?: ReadonlySet<AssetKey>
  /** The pools of which an asset's step needs a slot; none unless told. */
  readonly pools?: (spec: AssetSpec) => readonly string[]
}

/**
 * Decides what a run does, and why. What is not targeted does not run, even if it is stale or was never made.
 *
 * A target runs if `judge` finds a reason, or if something that it reads runs before it and may change. The latter is
 * judged again when its step begins: an upstream rebuilt to the same content leaves it fresh. What others materialise
 * is left out: a run neither makes it nor looks whether it is fresh.
 *
 * @example
 * planRun({ assets: manifest.assets, states, targets: ['trait/ltv'], force: false, warehouse })
 * // { steps: [{ id: 'trait/ltv', reasons: [{ type: 'code_changed' }], ... }], fresh: [] }
 */
export function planRun({
  assets,
  states,
  targets,
  force,
  warehouse,
  moved = new Set(),
  pools,
}: PlanRunInput): RunPlan {
  const targeted = new Set(targets)
  const running = new Set<AssetKey>()
  const members: Member[] = []
  const fresh: AssetKey[] = []
  for (const spec of assets) {
    if (!targeted.has(spec.key)) continue
    if (planningKind(spec).external(spec)) continue
    const state = states[spec.key] ?? neverMaterialized(spec.key)
    const judged = judge(spec, state, upstreamVersions(spec, states), {
      warehouse,
      force,
      moved: moved?.has(spec.key) === true,
    })
    const deps = spec.deps.filter((dep) => running.has(dep))
    const reasons = [...judged, ...mayChange(judged, deps)]
    if (reasons.length === 0) {
      fresh.push(spec.key)
      continue
    }
    running.add(spec.key)
    members.push({
      spec,
      planned: { key: spec.key, reasons, deps },
      lastMs: state.latest?.durationMs ?? null,
      pools: pools?.(spec) ?? [],
    })
  }
  return { steps: cutIntoSteps(members), fresh }
}

/** One reason an upstream: that it did change says more than that it may. */
export function mayChange(judged: readonly StaleReason[], running: readonly AssetKey[]): StaleReason[] {
  const changed = new Set(judged.flatMap((reason) => (reason.type === 'upstream_changed' ? [reason.upstream] : [])))
  return running
    .filter((upstream) => !changed.has(upstream))
    .map((upstream) => ({ type: 'upstream_may_change', upstream }))
}
