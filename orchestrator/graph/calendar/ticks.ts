import type { Cron } from '../../contract/index.ts'
import { zone, type Zone } from './zone.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** The longest that a cron may pause: 29 February, over a year that is no leap year. */
const mostDays = 8 * 366 + 1

/** A day of a calendar, without a place in time: midnight in UTC. */
type Day = number

/** The first time after `after` at which the cron fires in the time zone; see `Cron.fixedHours` for clock changes. */
export function nextTick(cron: Cron, timeZone: string, after: number): number {
  const local = zone(timeZone)
  // From the day before, in case a change of clocks has moved one of its times.
  const first = dayOf(after, local) - dayMs
  for (let at = 0; at <= mostDays; at++) {
    const tick = ticksOf(cron, local, first + at * dayMs).find((each) => each > after)
    if (tick !== undefined) return tick
  }
  throw neverFires(timeZone)
}

/** The last time up to `until`, itself included, at which the cron fired. */
export function lastTick(cron: Cron, timeZone: string, until: number): number {
  const local = zone(timeZone)
  const last = dayOf(until, local) + dayMs
  for (let at = 0; at <= mostDays; at++) {
    const tick = ticksOf(cron, local, last - at * dayMs).findLast((each) => each <= until)
    if (tick !== undefined) return tick
  }
  throw neverFires(timeZone)
}

function neverFires(timeZone: string): Error {
  return new Error(`a cron in ${timeZone} that parseCron let through never fires`)
}

/** All times of one day, in rising order. */
function ticksOf(cron: Cron, local: Zone, day: Day): number[] {
  if (!isOn(cron, new Date(day))) return []
  const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => day + (hour * 60 + minute) * minuteMs))
  const ticks = times.flatMap((time) => ticksAt(time, local, cron.fixedHours))
  return [...new Set(ticks)].sort((a, b) => a - b)
}

function isOn({ months, daysOfMonth, daysOfWeek, eitherDay }: Cron, day: Date): boolean {
  if (!months.includes(day.getUTCMonth() + 1)) return false
  const [ofMonth, ofWeek] = [daysOfMonth.includes(day.getUTCDate()), daysOfWeek.includes(day.getUTCDay())]
  return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek
}

/**
 * When a clock on the wall shows a time. One that comes twice counts once, and one that is skipped counts where the
 * clock goes on, if it is one that was meant.
 */
function ticksAt(time: number, local: Zone, meant: boolean): number[] {
  const found = local.instantsAt(time)
  if (!meant) return found
  return [found[0] ?? local.firstAt(time)]
}

function dayOf(at: number, local: Zone): Day {
  return Math.floor(local.wallAt(at) / dayMs) * dayMs
}
