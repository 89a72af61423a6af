import type { AssetKey, AssetSpec, AutomationCondition } from '../../contract/index.ts'
import { downstreamClosure, type Graph } from '../../graph/index.ts'
import { expansionOf } from './expansion.ts'

/** How many edges upstream of its subject a condition looks. */
export function reachOf(condition: AutomationCondition): number {
  const expansion = expansionOf(condition)
  if (expansion !== null) return Math.max(...expansion.map(reachOf))
  switch (condition.op) {
    case 'and':
    case 'or':
      return Math.max(0, ...condition.of.map(reachOf))
    case 'not':
      return reachOf(condition.of)
    case 'any_deps':
    case 'all_deps':
      return 1 + reachOf(condition.of)
    case 'upstream_changed':
    case 'quiet_for':
    // What it reads is part of its cause.
    case 'missing':
      return 1
    default:
      return 0
  }
}

/** The farthest that any condition of a project looks; null if none has one. */
export function farthestReach(graph: Graph<AssetSpec>): number | null {
  let farthest: number | null = null
  for (const key of graph.order) {
    const automation = graph.get(key)?.automation
    if (automation !== undefined) farthest = Math.max(farthest ?? 0, reachOf(automation))
  }
  return farthest
}

/** The assets with a condition that may have changed with these. */
export function affectedBy(graph: Graph<AssetSpec>, changed: Iterable<AssetKey>): Set<AssetKey> {
  const reach = farthestReach(graph)
  if (reach === null) return new Set()
  const near = downstreamClosure(graph, changed, reach)
  return new Set([...near].filter((key) => graph.get(key)?.automation !== undefined))
}

/** Names of the checks that conditions ask for, over the whole project. */
export function checksNamed(condition: AutomationCondition): readonly string[] {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.flatMap(checksNamed)
    case 'not':
    case 'any_deps':
    case 'all_deps':
      return checksNamed(condition.of)
    case 'check_passed':
      return condition.check === null ? [] : [condition.check]
    default:
      return []
  }
}
