import { anyWarehouse } from '../contract/index.ts'
import type { AssetKey, AssetSpec, AssetStates } from '../contract/index.ts'

/**
 * The upstreams that a step cannot read because nothing made them yet; with `warehouse`, those too whose rows are in
 * another one. A step that has any fails with UPSTREAM_MISSING, and the fix is to select them as well: `+key`.
 */
export function missingUpstreams(spec: AssetSpec, states: AssetStates, warehouse: string | null = null): AssetKey[] {
  return spec.deps.filter((upstream) => {
    const latest = states[upstream]?.latest
    return !latest || (warehouse !== null && latest.warehouse !== warehouse && latest.warehouse !== anyWarehouse)
  })
}

export interface Blocked {
  readonly upstream: AssetKey
  /** Names of the blocking checks that failed on its latest materialisation. */
  readonly checks: readonly string[]
}

/** Those of them whose latest materialisation failed a blocking check: nothing is built on them. */
export function blockedBy(upstreams: readonly AssetKey[], states: AssetStates): Blocked[] {
  return upstreams.flatMap((upstream) => {
    const checks = states[upstream]?.latest?.failedChecks ?? []
    return checks.length > 0 ? [{ upstream, checks }] : []
  })
}
