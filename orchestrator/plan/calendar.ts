import type { Cron } from '../contract/index.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** The longest that a cron may pause: 29 February, over a year that is no leap year. */
const mostDays = 8 * 366 + 1

/** A day of a calendar, without a place in time: midnight in UTC. */
type Day = number

/** The first time after `after` at which the cron fires in the time zone; see `Cron.fixedHours` for clock changes. */
export function nextTick(cron: Cron, timeZone: string, after: number): number {
  const zone = zoneOf(timeZone)
  // From the day before, in case a change of clocks has moved one of its times.
  const first = dayOf(after, zone) - dayMs
  for (let at = 0; at <= mostDays; at++) {
    const tick = ticksOf(cron, zone, first + at * dayMs).find((each) => each > after)
    if (tick !== undefined) return tick
  }
  throw neverFires(timeZone)
}

/** The last time up to `until`, itself included, at which the cron fired. */
export function lastTick(cron: Cron, timeZone: string, until: number): number {
  const zone = zoneOf(timeZone)
  const last = dayOf(until, zone) + dayMs
  for (let at = 0; at <= mostDays; at++) {
    const tick = ticksOf(cron, zone, last - at * dayMs).findLast((each) => each <= until)
    if (tick !== undefined) return tick
  }
  throw neverFires(timeZone)
}

function neverFires(timeZone: string): Error {
  return new Error(`a cron in ${timeZone} that parseCron let through never fires`)
}

/** All times of one day, in rising order. */
function ticksOf(cron: Cron, zone: Zone, day: Day): number[] {
  if (!isOn(cron, new Date(day))) return []
  const [before, after] = [zone.offset(day - dayMs), zone.offset(day + 2 * dayMs)]
  const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => day + (hour * 60 + minute) * minuteMs))
  if (before === after) return times.map((time) => time - before)
  const ticks = times.flatMap((time) => instantsOf(time, zone, [before, after], cron.fixedHours))
  return [...new Set(ticks)].sort((a, b) => a - b)
}

function isOn({ months, daysOfMonth, daysOfWeek, eitherDay }: Cron, day: Date): boolean {
  if (!months.includes(day.getUTCMonth() + 1)) return false
  const [ofMonth, ofWeek] = [daysOfMonth.includes(day.getUTCDate()), daysOfWeek.includes(day.getUTCDay())]
  return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek
}

/**
 * When a clock on the wall shows a time, near a change of clocks. A time that comes twice counts once, and one that is
 * skipped counts where the clock goes on, if it is one that was meant.
 */
function instantsOf(time: number, zone: Zone, offsets: readonly [number, number], meant: boolean): number[] {
  const found = [...new Set(offsets)].map((offset) => time - offset).filter((at) => zone.offset(at) === time - at)
  if (found.length === 0) return meant ? [changeBetween(time - dayMs, time + dayMs, zone)] : []
  const sorted = found.sort((a, b) => a - b)
  return meant ? sorted.slice(0, 1) : sorted
}

/** The moment at which the clocks change. */
function changeBetween(from: number, to: number, zone: Zone): number {
  const before = zone.offset(from)
  let [low, high] = [from, to]
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000
    if (middle === low) break
    if (zone.offset(middle) === before) low = middle
    else high = middle
  }
  return high
}

function dayOf(at: number, zone: Zone): Day {
  return Math.floor((at + zone.offset(at)) / dayMs) * dayMs
}

interface Zone {
  /** How many milliseconds its clocks are ahead of UTC. */
  offset(at: number): number
}

const zones = new Map<string, Zone>()

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone)
  if (known !== undefined) return known
  const parts = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', era: 'short', ...parts })
  const zone: Zone = {
    offset(at) {
      const shown = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
      const { year, month, day, hour, minute, second } = shown as Record<keyof typeof parts, number>
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000
    },
  }
  zones.set(timeZone, zone)
  return zone
}
