import {
  nameOf,
  type AssetKey,
  type AssetSpec,
  type AssetStates,
  type Scope,
  type Sla,
  type StaleReason,
} from '../contract/index.ts'
import { judge, judgeFreshness, upstreamVersions, withWindows } from '../plan/index.ts'
import type { AssetStatusRow, Store } from '../store/store.ts'
import type { AssetSummary } from './schemas/asset.ts'

/** An asset as lists show it: its definition beside what the record says. */
export function summarize(
  spec: AssetSpec,
  status: AssetStatusRow | undefined,
  stale: boolean,
  freshness: Sla | null,
): AssetSummary {
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
    freshness,
    failure: status?.failure ?? null,
  }
}

/**
 * Why an asset that was materialised no longer is what its definition and upstream say. Sources are looked at in every
 * run, which makes none of them stale. Of an asset with partitions only its definition is judged here: what each of them
 * has read is told by a plan.
 */
export function staleReasons(spec: AssetSpec, states: AssetStates): readonly StaleReason[] {
  const state = states[spec.key]
  if (state === undefined || state.latest === null) return []
  const reasons = judge(spec, state, upstreamVersions(spec, states), { warehouse: null, force: false })
  const cut = spec.partitions !== undefined
  return reasons.filter(
    ({ type }) => type !== 'observe' && type !== 'last_attempt_failed' && !(cut && type === 'upstream_changed'),
  )
}

/** How each of these assets that has a freshness policy stands to it now. */
export async function slasOf(
  store: Pick<Store, 'freshness'>,
  scope: Scope,
  specs: readonly AssetSpec[],
  asOf: string | null,
  now: Date,
): Promise<ReadonlyMap<AssetKey, Sla>> {
  const watched = specs.filter(({ freshness }) => freshness !== undefined)
  if (watched.length === 0) return new Map()
  const facts = await store.freshness.facts(
    scope,
    watched.map(({ key }) => key),
  )
  return new Map(
    watched.flatMap((spec) => {
      const { key, freshness } = spec
      const known = facts.get(key)
      return known === undefined || freshness === undefined
        ? []
        : [[key, judgeFreshness(freshness, withWindows(spec, known, asOf), now.getTime())] as const]
    }),
  )
}
