import { anyWarehouse } from '../contract/index.ts'
import type { AssetKey, AssetSpec, AssetState, AssetStates } from '../contract/index.ts'
import { readsWhole } from './judge.ts'

/**
 * The upstreams that a step cannot read because nothing made them yet; with `warehouse`, those too whose rows are in
 * another one. A step that has any fails with UPSTREAM_MISSING, and the fix is to select them as well: `+key`.
 */
export function missingUpstreams(spec: AssetSpec, states: AssetStates, warehouse: string | null = null): AssetKey[] {
  return spec.deps.filter((upstream) => !isThere(states[upstream]?.latest, warehouse))
}

/** Whether something was made, and can be read in this warehouse; `warehouse` is null where it is not known. */
export function isThere(
  latest: AssetState['latest'] | undefined,
  warehouse: string | null,
): latest is NonNullable<AssetState['latest']> {
  if (latest == null) return false
  return warehouse === null || latest.warehouse === warehouse || latest.warehouse === anyWarehouse
}

/** An asset whose failed checks keep another from being made: any of its partitions, or the latest alone. */
export interface Guard {
  readonly upstream: AssetKey
  readonly whole: boolean
}

/** What an asset reads, as far as it reads it. */
export function guardsOf(spec: AssetSpec): Guard[] {
  return spec.deps.map((upstream) => ({ upstream, whole: readsWhole(spec, upstream) }))
}

/** All that is upstream, however far: what is sent elsewhere is made of it. */
export function distantGuards(spec: AssetSpec, specOf: (key: AssetKey) => AssetSpec): Guard[] {
  const found = new Map<AssetKey, boolean>()
  const pending = guardsOf(spec)
  for (const { upstream, whole } of pending) {
    if (found.get(upstream) === true || found.get(upstream) === whole) continue
    found.set(upstream, whole)
    const reader = specOf(upstream)
    for (const next of guardsOf(reader)) {
      // Partitions are made of partitions: the latest of the latest, unless it says that it reads all.
      const latest = !whole && reader.partitions !== undefined && !readsAll(reader, next.upstream)
      pending.push(latest ? { ...next, whole: false } : next)
    }
  }
  return [...found].map(([upstream, whole]) => ({ upstream, whole }))
}

function readsAll({ mappings }: AssetSpec, upstream: AssetKey): boolean {
  return Object.values(mappings?.[upstream] ?? {}).every(({ type }) => type === 'all')
}

export interface Blocked {
  readonly upstream: AssetKey
  /** Names of the blocking checks that failed on what is read of it. */
  readonly checks: readonly string[]
}

/** Those of them that failed a blocking check: nothing is built on them. */
export function blockedBy(guards: readonly Guard[], states: AssetStates): Blocked[] {
  return guards.flatMap(({ upstream, whole }) => {
    const latest = states[upstream]?.latest
    const checks = (whole ? latest?.wholeFailedChecks : undefined) ?? latest?.failedChecks ?? []
    return checks.length > 0 ? [{ upstream, checks }] : []
  })
}
