import { nameOf, type AssetSpec, type AssetStates, type StaleReason } from '../contract/index.ts'
import { judge, upstreamVersions } from '../plan/index.ts'
import type { AssetStatusRow } from '../store/store.ts'
import type { AssetSummary } from './schemas/asset.ts'

/** An asset as lists show it: its definition beside what the record says. */
export function summarize(spec: AssetSpec, status: AssetStatusRow | undefined, stale: boolean): AssetSummary {
  return {
    key: spec.key,
    kind: spec.kind,
    name: nameOf(spec.key),
    description: spec.description,
    group: spec.group,
    owners: spec.owners,
    tags: spec.tags,
    status: status?.status ?? 'never',
    stale,
    run: status?.run ?? null,
    materializedAt: status?.materializedAt ?? null,
    rows: status?.rows ?? null,
    failedChecks: status?.failedChecks ?? [],
    failure: status?.failure ?? null,
  }
}

/**
 * Why an asset that was materialised no longer is what its definition and upstream say. Sources are looked at in every
 * run, which makes none of them stale.
 */
export function staleReasons(spec: AssetSpec, states: AssetStates): readonly StaleReason[] {
  const state = states[spec.key]
  if (state === undefined || state.latest === null) return []
  const reasons = judge(spec, state, upstreamVersions(spec, states), { warehouse: null, force: false })
  return reasons.filter(({ type }) => type !== 'observe' && type !== 'last_attempt_failed')
}
