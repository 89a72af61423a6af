import type { ReactNode } from 'react'

/** How a thing is, as shown: one word, one colour, one shape, so that none has to be told by its colour alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'idle'

interface Look {
  readonly label: string
  readonly tone: Tone
  readonly shape: ReactNode
}

const check = <path d="m5 8.2 2.1 2.1L11 6.2" />
const cross = <path d="m5.6 5.6 4.8 4.8M10.4 5.6l-4.8 4.8" />
const dash = <path d="M5 8h6" />
const bang = <path d="M8 4.8v3.6M8 11v.1" />
const clock = <path d="M8 4.8V8l2 1.6" />

const looks = {
  never: { label: 'Never materialised', tone: 'idle', shape: null },
  planned: { label: 'Waiting', tone: 'idle', shape: null },
  queued: { label: 'Queued', tone: 'idle', shape: null },
  running: { label: 'Running', tone: 'busy', shape: null },
  sending: { label: 'Sending', tone: 'busy', shape: null },
  frozen: { label: 'Frozen', tone: 'busy', shape: null },
  materialized: { label: 'Materialised', tone: 'good', shape: check },
  succeeded: { label: 'Succeeded', tone: 'good', shape: check },
  settled: { label: 'Settled', tone: 'good', shape: check },
  passed: { label: 'Passed', tone: 'good', shape: check },
  fresh: { label: 'Fresh', tone: 'good', shape: check },
  stale: { label: 'Stale', tone: 'warn', shape: clock },
  warned: { label: 'Warned', tone: 'warn', shape: bang },
  checks_failed: { label: 'Checks failed', tone: 'bad', shape: bang },
  failed: { label: 'Failed', tone: 'bad', shape: cross },
  upstream_failed: { label: 'Upstream failed', tone: 'warn', shape: dash },
  cancelled: { label: 'Cancelled', tone: 'idle', shape: dash },
  superseded: { label: 'Superseded', tone: 'idle', shape: dash },
} as const satisfies Record<string, Look>

export type Status = keyof typeof looks

export function statusLook(status: Status): Look {
  return looks[status]
}

/** What an asset's record comes down to: a blocking check that failed, or staleness, goes before success. */
export function healthOf(asset: {
  readonly status: Extract<Status, 'never' | 'running' | 'materialized' | 'failed' | 'upstream_failed' | 'cancelled'>
  readonly stale: boolean
  readonly failedChecks: number | readonly string[]
}): Status {
  if (asset.status !== 'materialized') return asset.status
  const failed = typeof asset.failedChecks === 'number' ? asset.failedChecks : asset.failedChecks.length
  if (failed > 0) return 'checks_failed'
  return asset.stale ? 'stale' : 'materialized'
}

export function StatusIcon({ status, size = 16 }: { readonly status: Status; readonly size?: number }) {
  const { tone, shape } = looks[status]
  return (
    <svg className={`status-icon tone-${tone}`} viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <circle className={tone === 'busy' ? 'status-track' : 'status-disc'} cx="8" cy="8" r="6.2" />
      {tone === 'busy' && <path className="status-spin" d="M8 1.8a6.2 6.2 0 0 1 6.2 6.2" />}
      {shape !== null && <g className="status-shape">{shape}</g>}
    </svg>
  )
}

export function StatusLabel({ status, label }: { readonly status: Status; readonly label?: string }) {
  const look = looks[status]
  return (
    <span className={`status tone-${look.tone}`}>
      <StatusIcon status={status} size={14} />
      <span>{label ?? look.label}</span>
    </span>
  )
}
