import { assetKinds, type AssetKind } from '../../../orchestrator/contract/index.ts'
import { isHealth } from '../graph/model.ts'
import { healthFilters, type HealthFilter } from '../app/addresses.ts'
import { kindLabels } from './asset-link.tsx'
import { KindIcon } from './icons.tsx'
import { StatusIcon, type Status } from './status.tsx'

interface Filterable {
  readonly kind: AssetKind
  readonly health: Status
}

const healthLooks: Readonly<Record<HealthFilter, { readonly label: string; readonly status: Status }>> = {
  failing: { label: 'failing', status: 'failed' },
  stale: { label: 'stale', status: 'stale' },
  running: { label: 'running', status: 'running' },
  never: { label: 'never materialised', status: 'never' },
}

/** What needs attention, counted; a press shows only that. Counts of nothing are left out. */
export function HealthFilters({
  items,
  value,
  onChange,
}: {
  readonly items: readonly Filterable[]
  readonly value: HealthFilter | undefined
  readonly onChange: (value: HealthFilter | undefined) => void
}) {
  const counted = healthFilters.map((filter) => ({
    filter,
    count: items.filter(({ health }) => isHealth(health, filter)).length,
  }))
  const shown = counted.filter(({ filter, count }) => count > 0 || filter === value)
  if (shown.length === 0 && items.length > 0) {
    return (
      <p className="all-well">
        <StatusIcon status="materialized" size={14} /> Everything is fresh
      </p>
    )
  }
  return (
    <div className="chips" role="group" aria-label="Filter by status">
      {shown.map(({ filter, count }) => (
        <button
          key={filter}
          type="button"
          className="chip"
          aria-pressed={filter === value}
          onClick={() => onChange(filter === value ? undefined : filter)}
        >
          <StatusIcon status={healthLooks[filter].status} size={14} />
          <span className="num">{count}</span> {healthLooks[filter].label}
        </button>
      ))}
    </div>
  )
}

export function KindFilters({
  items,
  value,
  onChange,
}: {
  readonly items: readonly Filterable[]
  readonly value: AssetKind | undefined
  readonly onChange: (value: AssetKind | undefined) => void
}) {
  return (
    <div className="chips" role="group" aria-label="Filter by kind">
      {assetKinds.map((kind) => {
        const count = items.filter((item) => item.kind === kind).length
        if (count === 0 && kind !== value) return null
        return (
          <button
            key={kind}
            type="button"
            className="chip"
            aria-pressed={kind === value}
            onClick={() => onChange(kind === value ? undefined : kind)}
          >
            <KindIcon kind={kind} size={14} />
            {kindLabels[kind].many} <span className="num muted">{count}</span>
          </button>
        )
      })}
    </div>
  )
}
