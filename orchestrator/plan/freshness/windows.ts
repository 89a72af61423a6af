import type { AssetSpec, FreshnessFacts } from '../../contract/index.ts'
import { dueAfter } from '../../graph/index.ts'

/**
 * What is known of an asset, with when its next window should be there: of an asset that is cut by time, age counts from
 * the end of the first window after the latest that was made. A clock that stands still (`asOf`) ends no window.
 */
export function withWindows(spec: AssetSpec, facts: FreshnessFacts, asOf: string | null): FreshnessFacts {
  const { latestPosition = null } = facts
  if (spec.partitions === undefined || latestPosition === null || asOf !== null) return facts
  const due = dueAfter(spec.partitions, latestPosition)
  if (due === null) return facts
  return { ...facts, windowDue: due === 'never' ? due : new Date(due).toISOString() }
}
