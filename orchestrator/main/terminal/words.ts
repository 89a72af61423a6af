import type { Paint } from './terminal.ts'

const paints: Readonly<Record<string, Paint>> = {
  materialized: 'green',
  succeeded: 'green',
  settled: 'green',
  ok: 'green',
  fresh: 'dim',
  never: 'dim',
  planned: 'dim',
  queued: 'dim',
  running: 'blue',
  sending: 'blue',
  frozen: 'blue',
  failed: 'red',
  fail: 'red',
  upstream_failed: 'yellow',
  cancelled: 'yellow',
  superseded: 'yellow',
  warn: 'yellow',
}

export function statusPaint(status: string): Paint | null {
  return paints[status] ?? null
}

/** `3 min ago`; the date beyond a week. */
export function ago(at: string | null, now = Date.now()): string {
  if (at === null) return ''
  const seconds = Math.round((now - Date.parse(at)) / 1_000)
  if (seconds < 0) return at.slice(0, 16).replace('T', ' ')
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`
  return at.slice(0, 10)
}

/** Where a person reads it, how long ago; for programs, the moment itself. */
export function moment(at: string | null, interactive: boolean): string {
  return interactive ? ago(at) : (at ?? '')
}

export function took(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from)
}
