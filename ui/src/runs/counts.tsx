import type { Run } from '../../../orchestrator/server/api.ts'
import { StatusIcon, statusLook, type Status } from '../components/status.tsx'

const order = ['failed', 'upstream_failed', 'cancelled', 'materialized', 'fresh'] as const satisfies readonly Status[]

const words: Readonly<Record<(typeof order)[number], string>> = {
  failed: 'failed',
  upstream_failed: 'blocked',
  cancelled: 'cancelled',
  materialized: 'materialised',
  fresh: 'fresh',
}

/** How a run's assets came out so far, as a bar; what is not decided yet is left open. */
export function OutcomeBar({ run }: { readonly run: Pick<Run, 'counts' | 'targets'> }) {
  const total = Math.max(1, run.targets, ...order.map((outcome) => run.counts[outcome] ?? 0))
  const present = order.filter((outcome) => (run.counts[outcome] ?? 0) > 0)
  const said = present.map((outcome) => `${run.counts[outcome]} ${words[outcome]}`).join(', ')
  return (
    <span
      className="outcomes"
      role="img"
      aria-label={said === '' ? 'Nothing yet' : `${said} of ${run.targets}`}
      title={said}
    >
      {present.map((outcome) => (
        <span
          key={outcome}
          className={`outcome outcome-${outcome}`}
          style={{ width: `${(100 * (run.counts[outcome] ?? 0)) / total}%` }}
        />
      ))}
    </span>
  )
}

/** The same in words. */
export function OutcomeCounts({ counts }: { readonly counts: Run['counts'] }) {
  const present = order.filter((outcome) => (counts[outcome] ?? 0) > 0)
  if (present.length === 0) return <span className="muted">nothing yet</span>
  return (
    <span className="outcome-counts">
      {present.map((outcome) => (
        <span key={outcome} title={statusLook(outcome).label}>
          <StatusIcon status={outcome} size={13} /> <span className="num">{counts[outcome]}</span> {words[outcome]}
        </span>
      ))}
    </span>
  )
}
