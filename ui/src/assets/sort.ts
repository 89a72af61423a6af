import type { AssetSummary } from '../../../orchestrator/server/api.ts'
import type { AssetColumn } from '../app/addresses.ts'
import type { Status } from '../components/status.tsx'

type Sortable = Pick<AssetSummary, 'key' | 'rows' | 'materializedAt'> & { readonly health: Status }

/** What needs attention comes first. */
const urgency: readonly Status[] = [
  'failed',
  'checks_failed',
  'upstream_failed',
  'running',
  'stale',
  'cancelled',
  'never',
]

/** Without a column the order stays as the server has it: topological. What has no value comes last either way. */
export function sortAssets<T extends Sortable>(
  rows: readonly T[],
  by: AssetColumn | undefined,
  descending: boolean,
): readonly T[] {
  if (by === undefined) return rows
  const value: (row: T) => string | number | null = {
    key: (row: T) => row.key,
    status: (row: T) => (urgency.includes(row.health) ? urgency.indexOf(row.health) : urgency.length),
    rows: (row: T) => row.rows,
    materialized: (row: T) => row.materializedAt,
  }[by]
  const sign = descending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return left < right ? -sign : left > right ? sign : 0
  })
}
