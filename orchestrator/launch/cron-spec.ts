import type { CalendarSpec } from '@temporalio/client'
import { parseCron, TraitlineError, type Cron } from '../contract/index.ts'
import { offsets, skippedTimes } from './skipped-times.ts'

const monthNames = [
  ...(['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST'] as const),
  ...(['SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'] as const),
]
const dayNames = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const

/** Changes of clocks are written out so far ahead; each deployment moves it on. */
const yearsAhead = 12

/** What Temporal's schedules take: calendars, all in one time zone. */
export interface CronSpec {
  readonly calendars: CalendarSpec[]
  readonly timezone: string
}

/**
 * A cron as calendars of a Temporal schedule. A time that a change of clocks skips is given to the end of what is
 * skipped, for which calendars have no word: each such day gets a calendar of its own. Of two times of the same name
 * Temporal takes the second; a cron of every hour is told in UTC, so that it has both.
 *
 * @example
 * cronSpec('30 2 * * *', 'Europe/Berlin', new Date('2026-01-01T00:00:00Z')).calendars
 * // [{ minute: [30], hour: [2], ... }, { year: 2026, month: 'MARCH', dayOfMonth: 29, hour: 3, minute: 0 }, ...]
 */
export function cronSpec(text: string, timeZone: string, now: Date): CronSpec {
  const cron = parseCron(text)
  if (typeof cron === 'string') throw unreadable(text, cron)
  if (isEveryHour(cron) && hasWholeHours(timeZone, now)) return { calendars: regular(cron), timezone: 'UTC' }
  return {
    calendars: [...regular(cron), ...(cron.fixedHours ? afterSkips(cron, timeZone, now) : [])],
    timezone: timeZone,
  }
}

function isEveryHour({ hours, daysOfMonth, daysOfWeek, months, eitherDay }: Cron): boolean {
  const everyDay = !eitherDay && daysOfMonth.length === 31 && daysOfWeek.length === 7 && months.length === 12
  return everyDay && hours.length === 24
}

const hourMs = 3_600_000

/** Minutes are those of UTC, in winter and in summer. */
function hasWholeHours(timeZone: string, now: Date): boolean {
  const offsetAt = offsets(timeZone)
  const year = now.getUTCFullYear()
  return [Date.UTC(year, 0, 1), Date.UTC(year, 6, 1)].every((at) => offsetAt(at) % hourMs === 0)
}

function regular(cron: Cron): CalendarSpec[] {
  const at = {
    minute: [...cron.minutes],
    hour: [...cron.hours],
    month: cron.months.map((month) => monthNames[month - 1] as (typeof monthNames)[number]),
  }
  const dayOfMonth = [...cron.daysOfMonth]
  const dayOfWeek = cron.daysOfWeek.map((day) => dayNames[day] as (typeof dayNames)[number])
  // Calendars want both to fit.
  return cron.eitherDay
    ? [
        { ...at, dayOfMonth },
        { ...at, dayOfWeek },
      ]
    : [{ ...at, dayOfMonth, dayOfWeek }]
}

function afterSkips(cron: Cron, timeZone: string, now: Date): CalendarSpec[] {
  const year = now.getUTCFullYear()
  return skippedTimes(timeZone, year, year + yearsAhead).flatMap(({ from, to }) => {
    if (!isSkipped(cron, from, to)) return []
    const end = new Date(to)
    const month = monthNames[end.getUTCMonth()] as (typeof monthNames)[number]
    const day = { year: end.getUTCFullYear(), month, dayOfMonth: end.getUTCDate() }
    return [{ ...day, hour: end.getUTCHours(), minute: end.getUTCMinutes() }]
  })
}

const minuteMs = 60_000

/** Whether the cron names a minute of those that do not exist; local times, as if they were UTC. */
function isSkipped(cron: Cron, from: number, to: number): boolean {
  for (let at = from; at < to; at += minuteMs) {
    const time = new Date(at)
    if (!cron.minutes.includes(time.getUTCMinutes()) || !cron.hours.includes(time.getUTCHours())) continue
    if (!cron.months.includes(time.getUTCMonth() + 1)) continue
    const ofMonth = cron.daysOfMonth.includes(time.getUTCDate())
    const ofWeek = cron.daysOfWeek.includes(time.getUTCDay())
    if (cron.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek) return true
  }
  return false
}

function unreadable(text: string, reason: string): TraitlineError {
  return new TraitlineError({
    code: 'CRON_INVALID',
    message: `the cron "${text}" cannot be read: ${reason}`,
    hint: 'Write five fields, such as 0 6 * * mon-fri, and deploy again.',
    blame: 'user',
  })
}
