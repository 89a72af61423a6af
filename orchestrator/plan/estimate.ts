import { kindOf, type AssetKey, type AssetStates, type PlanStep, type StepEstimate } from '../contract/index.ts'

/** What the record says of how long things took. */
export interface DurationHistory {
  /** Of the latest materialisations of an asset, in milliseconds. */
  readonly assets: ReadonlyMap<AssetKey, readonly number[]>
  /** What a step of several assets took beside their own work, such as the start of dbt; in milliseconds. */
  readonly overheads: ReadonlyMap<string, readonly number[]>
}

export type StepTime = Omit<StepEstimate, 'startMs'>

/**
 * Estimates steps one by one: the median of what their assets took lately, and for a group what it took beside them.
 * An asset without history counts as the median of its kind.
 */
export function createEstimator(states: AssetStates, history: DurationHistory): (step: PlanStep) => StepTime {
  const kinds = kindMedians(states)
  return ({ id, assets }) => {
    let [ms, unknown, guessed] = [0, 0, false]
    for (const { key } of assets) {
      const own = median(history.assets.get(key) ?? lastOf(states, key))
      const taken = own ?? kinds.get(kindOf(key)) ?? null
      guessed ||= own === null
      if (taken === null) unknown++
      else ms += taken
    }
    if (unknown === assets.length) return { ms: null, from: 'nothing' }
    const overhead = median(history.overheads.get(id) ?? []) ?? 0
    return { ms: Math.round(ms + Math.max(0, overhead)), from: guessed ? 'kind' : 'history' }
  }
}

function lastOf(states: AssetStates, key: AssetKey): readonly number[] {
  const last = states[key]?.latest?.durationMs
  return last === undefined || last === null ? [] : [last]
}

function kindMedians(states: AssetStates): Map<string, number> {
  const byKind = new Map<string, number[]>()
  for (const { key, latest } of Object.values(states)) {
    if (latest?.durationMs === undefined || latest.durationMs === null) continue
    const of = byKind.get(kindOf(key))
    if (of === undefined) byKind.set(kindOf(key), [latest.durationMs])
    else of.push(latest.durationMs)
  }
  return new Map([...byKind].map(([kind, durations]) => [kind, median(durations) ?? 0]))
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
