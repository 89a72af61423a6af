/** Local times that do not exist, since clocks are put forward: from the first to the one that follows the last. */
export interface SkippedTime {
  /** Local, written as if it were UTC, in milliseconds. */
  readonly from: number
  readonly to: number
}

const dayMs = 86_400_000
const minuteMs = 60_000

/** What a time zone skips from the beginning of a year to the beginning of another. */
export function skippedTimes(timeZone: string, fromYear: number, toYear: number): SkippedTime[] {
  const offsetAt = offsets(timeZone)
  const skipped: SkippedTime[] = []
  const end = Date.UTC(toYear, 0, 1)
  for (let day = Date.UTC(fromYear, 0, 1); day < end; day += dayMs) {
    const [before, after] = [offsetAt(day), offsetAt(day + dayMs)]
    if (after <= before) continue
    const at = firstWith(offsetAt, after, day, day + dayMs)
    skipped.push({ from: at + before, to: at + after })
  }
  return skipped
}

/** The first minute at which the offset is this one. */
function firstWith(offsetAt: (at: number) => number, offset: number, from: number, to: number): number {
  let [low, high] = [from, to]
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs
    if (offsetAt(middle) === offset) high = middle
    else low = middle
  }
  return high
}

/** How far local time is ahead of UTC at an instant, in milliseconds. */
export function offsets(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
    return local - at
  }
}
