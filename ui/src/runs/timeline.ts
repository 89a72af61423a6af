/** The run page's time axis: pure. */

export interface Span {
  readonly start: number
  readonly end: number
}

/** From the first start to the last end, `now` for what is under way; null before anything began. */
export function timeRange(
  rows: readonly { readonly startedAt: string | null; readonly endedAt: string | null }[],
  run: { readonly startedAt: string | null; readonly endedAt: string | null },
  now: number,
): Span | null {
  const starts = [run, ...rows].flatMap(({ startedAt }) => (startedAt === null ? [] : [Date.parse(startedAt)]))
  if (starts.length === 0) return null
  const start = Math.min(...starts)
  const ends = [run, ...rows].map(({ startedAt, endedAt }) =>
    endedAt !== null ? Date.parse(endedAt) : startedAt !== null && run.endedAt === null ? now : start,
  )
  return { start, end: Math.max(start + 1, ...ends) }
}

const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400].map((s) => s * 1000),
)

/** Round marks on the axis, as offsets from its start in milliseconds: at most `most`. */
export function ticks(length: number, most: number): number[] {
  const step =
    steps.find((candidate) => length / candidate <= most) ?? Math.ceil(length / most / 86_400_000) * 86_400_000
  const marks: number[] = []
  for (let at = 0; at <= length; at += step) marks.push(at)
  return marks
}

/** Marks are read more than measured: `0`, `500 ms`, `2 s`, `1:30`. */
export function tickLabel(offset: number): string {
  if (offset === 0) return '0'
  if (offset < 1000) return `${offset} ms`
  const seconds = Math.round(offset / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}`
}

/** Where a row's bar lies on the axis, in percent; null if it has not started. A bar is never too thin to see. */
export function barOf(
  row: { readonly startedAt: string | null; readonly endedAt: string | null },
  range: Span,
  now: number,
): { readonly left: number; readonly width: number } | null {
  if (row.startedAt === null) return null
  const length = range.end - range.start
  const start = Math.min(Math.max(Date.parse(row.startedAt), range.start), range.end)
  const end = Math.min(row.endedAt === null ? now : Date.parse(row.endedAt), range.end)
  const width = Math.max(0.4, (100 * (end - start)) / length)
  return { left: Math.min((100 * (start - range.start)) / length, 100 - width), width }
}
