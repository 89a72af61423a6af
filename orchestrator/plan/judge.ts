import type { AssetKey, AssetSpec, AssetState, AssetStates, StaleReason } from '../contract/index.ts'
import { planningKind } from './kinds.ts'

export interface JudgeOptions {
  /** Identity of the warehouse in use; null if it is not known here, and then not judged by. */
  readonly warehouse: string | null
  readonly force: boolean
  /** A sync whose rows would go elsewhere than its last ones. */
  readonly moved?: boolean
}

/**
 * Why an asset would be materialised now, by the record alone; nothing means fresh.
 *
 * `currentUpstream` has the data version of each upstream's latest materialisation (see `upstreamVersions`). An
 * upstream that was rebuilt to the same data version is no reason: that is where a wave of changes stops.
 *
 * @example
 * judge(spec, states[spec.key], upstreamVersions(spec, states), { warehouse, force: false })
 * // [{ type: 'upstream_changed', upstream: 'model/shop/customers' }]
 */
export function judge(
  spec: AssetSpec,
  state: AssetState,
  currentUpstream: Readonly<Record<AssetKey, string>>,
  { warehouse, force, moved = false }: JudgeOptions,
): StaleReason[] {
  const { latest, lastAttempt } = state
  const reasons: StaleReason[] = []
  // What others make is what they reported last.
  if (planningKind(spec).external(spec)) return latest ? [] : [{ type: 'never_materialized' }]
  if (!latest) reasons.push({ type: 'never_materialized' })
  if (latest && warehouse !== null && latest.warehouse !== warehouse) reasons.push({ type: 'warehouse_changed' })
  if (latest && latest.codeVersion !== spec.codeVersion) reasons.push({ type: 'code_changed' })
  if (latest) {
    for (const upstream of spec.deps) {
      const read = latest.upstream[upstream]
      // An upstream that it never read counts too: the record then says nothing of what it holds of it.
      if (read === undefined || read !== currentUpstream[upstream]) reasons.push({ type: 'upstream_changed', upstream })
    }
  }
  if (latest && moved) reasons.push({ type: 'destination_changed' })
  if (lastAttempt === 'failed') reasons.push({ type: 'last_attempt_failed' })
  if (planningKind(spec).observed) reasons.push({ type: 'observe' })
  if (force) reasons.push({ type: 'forced' })
  return reasons
}

/** The data version of each upstream's latest materialisation; without those that have none. */
export function upstreamVersions(spec: AssetSpec, states: AssetStates): Record<AssetKey, string> {
  const versions: Record<AssetKey, string> = {}
  for (const upstream of spec.deps) {
    const latest = states[upstream]?.latest
    if (latest)
      versions[upstream] = readsWhole(spec, upstream) ? (latest.wholeVersion ?? latest.dataVersion) : latest.dataVersion
  }
  return versions
}

/** Whether it reads more of an upstream than the latest partition; true of one without partitions. */
export function readsWhole({ mappings }: AssetSpec, upstream: AssetKey): boolean {
  return Object.values(mappings?.[upstream] ?? {}).every(({ type }) => type !== 'latest')
}

/** The state of an asset of which nothing is known. */
export function neverMaterialized(key: AssetKey): AssetState {
  return { key, latest: null, lastAttempt: 'none' }
}
