import { kindOf, nameOf } from '../../../orchestrator/contract/index.ts'
import type { RunAsset } from '../../../orchestrator/server/api.ts'
import { KindIcon } from '../components/icons.tsx'
import { StatusIcon, statusLook } from '../components/status.tsx'
import { formatCompact, formatDuration } from '../lib/format.ts'
import { reasonInWords } from '../lib/words.ts'
import { barOf, tickLabel, ticks, type Span } from './timeline.ts'

/** One row an asset: when it began and ended on the run's time axis, and how it came out. */
export function TimelineView({
  rows,
  range,
  now,
  selected,
  onSelect,
}: {
  readonly rows: readonly RunAsset[]
  readonly range: Span | null
  readonly now: number
  readonly selected: string | undefined
  readonly onSelect: (asset: string) => void
}) {
  const marks = range === null ? [] : ticks(range.end - range.start, 6)
  const place = (offset: number) => (range === null ? 0 : (100 * offset) / (range.end - range.start))
  return (
    <div className="timeline">
      <div className="timeline-axis" aria-hidden="true">
        {marks.map((mark) => (
          <span key={mark} style={{ left: `${place(mark)}%` }}>
            {tickLabel(mark)}
          </span>
        ))}
      </div>
      <ul className="timeline-rows" aria-label="Assets of this run">
        {rows.map((row) => (
          <li key={row.asset}>
            <button
              type="button"
              className="timeline-row"
              aria-pressed={row.asset === selected}
              onClick={() => onSelect(row.asset)}
            >
              <span className="timeline-name" title={row.asset}>
                <StatusIcon status={row.status} size={14} />
                <KindIcon kind={kindOf(row.asset)} size={14} />
                <span>{nameOf(row.asset)}</span>
                <span className="visually-hidden">: {statusLook(row.status).label}</span>
              </span>
              <span className="timeline-track">
                {marks.map((mark) => (
                  <span key={mark} className="timeline-grid" style={{ left: `${place(mark)}%` }} />
                ))}
                <Bar row={row} range={range} now={now} />
              </span>
              <span className="timeline-outcome">{outcomeOf(row)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Bar({ row, range, now }: { readonly row: RunAsset; readonly range: Span | null; readonly now: number }) {
  const bar = range === null ? null : barOf(row, range, now)
  if (bar === null || row.startedAt === null) return null
  const took = formatDuration((row.endedAt === null ? now : Date.parse(row.endedAt)) - Date.parse(row.startedAt))
  const place =
    bar.width > 18
      ? { className: 'timeline-took timeline-took-inside', style: { right: `${100 - bar.left - bar.width}%` } }
      : bar.left + bar.width > 84
        ? { className: 'timeline-took', style: { right: `${100 - bar.left}%` } }
        : { className: 'timeline-took', style: { left: `${bar.left + bar.width}%` } }
  return (
    <>
      <span
        className={`timeline-bar tone-${statusLook(row.status).tone}`}
        style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
      />
      <span {...place}>{took}</span>
    </>
  )
}

function outcomeOf(row: RunAsset): string {
  if (row.status === 'failed') return row.failure?.message ?? 'failed'
  if (row.status === 'upstream_failed') return row.failure?.message ?? row.summary ?? 'blocked'
  if (row.status === 'planned') return row.reasons[0] === undefined ? 'waiting' : reasonInWords(row.reasons[0])
  if (row.summary !== null) return row.summary
  if (row.rows !== null) return `${formatCompact(row.rows)} rows`
  return statusLook(row.status).label.toLowerCase()
}
