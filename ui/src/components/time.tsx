import { useEffect, useState } from 'react'
import { formatAgo, formatDuration, formatTime } from '../lib/format.ts'

/** The clock, ticking every `ms`; stands still with null. */
export function useNow(ms: number | null): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (ms === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), ms)
    return () => clearInterval(timer)
  }, [ms])
  return now
}

export function Ago({ time }: { readonly time: string | null }) {
  const now = useNow(10_000)
  if (time === null) return <span className="muted">never</span>
  return (
    <time dateTime={time} title={formatTime(time)}>
      {formatAgo(Date.parse(time), Math.max(now, Date.now()))}
    </time>
  )
}

/** How long something took, or takes so far. */
export function Took({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  const now = useNow(from !== null && to === null ? 1000 : null)
  if (from === null) return <span className="muted">–</span>
  return <span className="num">{formatDuration((to === null ? now : Date.parse(to)) - Date.parse(from))}</span>
}
