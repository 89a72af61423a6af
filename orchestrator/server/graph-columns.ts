import { assetKinds, type AssetKey, type AssetSpec, type AssetStates } from '../contract/index.ts'
import type { AssetStatusRow } from '../store/store.ts'
import { staleReasons } from './asset-view.ts'
import { assetStatus } from './schemas/asset.ts'
import type { Graph } from './schemas/graph.ts'

/** The graph of these assets, in their order; edges to assets that are not among them are left out. */
export function graphColumns(input: {
  readonly revision: number
  readonly assets: readonly AssetSpec[]
  readonly statuses: ReadonlyMap<AssetKey, AssetStatusRow>
  readonly states: AssetStates
}): Graph {
  const { assets, statuses, states } = input
  const place = new Map(assets.map((asset, at) => [asset.key, at]))
  const groupNames = [...new Set(assets.flatMap(({ group }) => (group === null ? [] : [group])))]
  const from: number[] = []
  const to: number[] = []
  assets.forEach((asset, at) => {
    for (const dep of asset.deps) {
      const source = place.get(dep)
      if (source === undefined) continue
      from.push(source)
      to.push(at)
    }
  })
  const rows = assets.map(({ key }) => statuses.get(key))
  return {
    revision: input.revision,
    sequence: lastChange(statuses),
    kindNames: assetKinds,
    groupNames,
    statusNames: assetStatus.options,
    keys: assets.map(({ key }) => key),
    kinds: assets.map(({ kind }) => assetKinds.indexOf(kind)),
    groups: assets.map(({ group }) => (group === null ? -1 : groupNames.indexOf(group))),
    statuses: rows.map((row) => assetStatus.options.indexOf(row?.status ?? 'never')),
    stale: assets.map((asset) => (staleReasons(asset, states).length > 0 ? 1 : 0)),
    failedChecks: rows.map((row) => row?.failedChecks.length ?? 0),
    rows: rows.map((row) => row?.rows ?? null),
    materializedAt: rows.map((row) =>
      row === undefined || row.materializedAt === null ? null : Math.floor(Date.parse(row.materializedAt) / 1000),
    ),
    from,
    to,
  }
}

/** The sequence of the last event that changed any status; 0 before the first. */
export function lastChange(statuses: ReadonlyMap<AssetKey, AssetStatusRow>): number {
  let last = 0
  for (const { sequence } of statuses.values()) if (sequence > last) last = sequence
  return last
}
