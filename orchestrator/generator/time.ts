import { TraitlineError } from '../contract/errors.ts'

/** Days are whole numbers since 1970-01-01, in UTC. */
export const dayMs = 86_400_000

/** Reads `YYYY-MM-DD` or `YYYYMMDD`. */
export function dayOf(text: string): number {
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text)
  const time = parts === null ? NaN : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T00:00:00Z`)
  if (Number.isNaN(time)) {
    throw new TraitlineError({
      code: 'GENERATOR_BAD_DATE',
      message: 'a date is not written as YYYY-MM-DD or YYYYMMDD',
      hint: 'Write dates as in 1998-07-01.',
      blame: 'user',
    })
  }
  return time / dayMs
}

/** `YYYYMMDD`. */
export function compactDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10).replaceAll('-', '')
}

let cachedDay = NaN
let cachedText = ''

/** `YYYY-MM-DD HH:MM:SS.mmm`, as Snowplow writes timestamps: UTC. The day's text is kept, since events come in runs. */
export function timestampText(time: number): string {
  const day = Math.floor(time / dayMs)
  if (day !== cachedDay) {
    cachedDay = day
    cachedText = new Date(day * dayMs).toISOString().slice(0, 10)
  }
  const inDay = time - day * dayMs
  const seconds = Math.floor(inDay / 1000)
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${cachedText} ${clock}.${String(inDay % 1000).padStart(3, '0')}`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
