import type {
  AssetKey,
  AssetOutcome,
  AssetState,
  AssetStates,
  DbtTestSpec,
  ModelSpec,
} from '../../orchestrator/contract/index.ts'
import { decide } from '../materialize/decide.ts'
import { toFailure } from '../runtime/index.ts'

export interface GroupDecision {
  /** To be built, in topological order. */
  readonly build: readonly ModelSpec[]
  /** Outcomes of the models that are not built: fresh, blocked, or without what they read. */
  readonly settled: readonly AssetOutcome[]
}

/**
 * Which models of a group are built, judged one by one in topological order. What is downstream of a model that is
 * built is built too, since nobody knows its content before dbt has ended.
 */
export function decideGroup(
  models: readonly ModelSpec[],
  states: AssetStates,
  options: { readonly warehouse: string; readonly force: boolean },
): GroupDecision {
  const seen: Record<AssetKey, AssetState> = { ...states }
  const lost = new Map<AssetKey, { readonly upstream: AssetKey; readonly reason: string }>()
  const build: ModelSpec[] = []
  const settled: AssetOutcome[] = []
  for (const spec of models) {
    const root = spec.deps.map((dep) => lost.get(dep)).find((found) => found !== undefined)
    const outcome =
      root === undefined
        ? judged(spec, seen, options)
        : ({ asset: spec.key, status: 'upstream_failed', ...root } as const)
    if (outcome === null) {
      build.push(spec)
      seen[spec.key] = aboutToBeBuilt(spec.key, options.warehouse)
      continue
    }
    settled.push(outcome)
    if (outcome.status === 'failed') lost.set(spec.key, { upstream: spec.key, reason: outcome.failure.message })
    if (outcome.status === 'upstream_failed') lost.set(spec.key, { upstream: outcome.upstream, reason: outcome.reason })
  }
  return { build, settled }
}

/** The tests to run with these models: those whose other models are in the warehouse, or are built with them. */
export function testsOf(build: readonly ModelSpec[], states: AssetStates, warehouse: string): DbtTestSpec[] {
  const building = new Set(build.map((spec) => spec.key))
  const there = (key: AssetKey): boolean => building.has(key) || states[key]?.latest?.warehouse === warehouse
  return build.flatMap((spec) => spec.tests).filter((test) => test.reads.every(there))
}

/** Null for a model that has to be built. */
function judged(
  spec: ModelSpec,
  states: AssetStates,
  options: { readonly warehouse: string; readonly force: boolean },
): AssetOutcome | null {
  try {
    const decision = decide(spec, states, options)
    return decision.type === 'settled' ? decision.outcome : null
  } catch (error) {
    return { asset: spec.key, status: 'failed', failure: toFailure(error) }
  }
}

/** To what is downstream it is there, and of a version that nobody has read. */
function aboutToBeBuilt(key: AssetKey, warehouse: string): AssetState {
  const latest = {
    ...{ codeVersion: '', dataVersion: 'about-to-be-built', upstream: {}, warehouse, durationMs: null },
    failedChecks: [],
  }
  return { key, latest, lastAttempt: 'none' }
}
