import type { PartitionUnit, TimeDimension } from '../../contract/index.ts'
import { zone, type Zone } from './zone.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The windows of a time dimension, numbered from 0. Window n ends where n + 1 begins: they tile time. */
export interface Windows {
  /** First instant of window n, in milliseconds. */
  startOf(n: number): number
  keyOf(n: number): string
  /** The number of the window with that key, whether it lies in the dimension's range or not; null if it is no key. */
  numberOf(key: string): number | null
  /** The number of the window that holds an instant: negative before the first. */
  at(instant: number): number
  /** How many windows there are if the dimension's end is its only limit; Infinity without one. */
  readonly most: number
}

const cache = new WeakMap<TimeDimension, Windows>()

export function windowsOf(dimension: TimeDimension): Windows {
  let found = cache.get(dimension)
  if (found === undefined) cache.set(dimension, (found = createWindows(dimension)))
  return found
}

/** `2026-11-24` or `2026-11-24T07:00` as wall milliseconds; null for what is neither, 30 February included. */
export function parseLocal(text: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?$/.exec(text)
  if (match === null) return null
  const [year, month, day, hour, minute] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const wall = Date.UTC(year, month - 1, day, hour, minute)
  return new Date(wall).toISOString().slice(0, 16) ===
    `${match[1]}-${match[2]}-${match[3]}T${match[4] ?? '00'}:${match[5] ?? '00'}`
    ? wall
    : null
}

/** Longest offset, in minutes, after which a window would begin in the one after it. */
export const unitMinutes: Readonly<Record<PartitionUnit, number>> = {
  hour: 60,
  day: 24 * 60,
  week: 7 * 24 * 60,
  month: 28 * 24 * 60,
}

function createWindows(dimension: TimeDimension): Windows {
  const local = zone(dimension.timeZone)
  const windows =
    dimension.every === 'hour' ? hourly(dimension, local) : calendar(dimension, local, units[dimension.every])
  const end = dimension.end === null ? null : parseLocal(dimension.end)
  if (end === null) return { ...windows, most: Infinity }
  const instant = local.firstAt(end)
  const last = windows.at(instant)
  return { ...windows, most: Math.max(0, windows.startOf(last) < instant ? last + 1 : last) }
}

/** Hours are 3,600 s each whatever clocks do, counted from the first full local hour. */
function hourly({ start, offsetMinutes }: TimeDimension, local: Zone): Omit<Windows, 'most'> {
  const wall = parseLocal(start) ?? 0
  const full = Math.ceil((wall - offsetMinutes * minuteMs) / hourMs) * hourMs + offsetMinutes * minuteMs
  const base = local.firstAt(full)
  const startOf = (n: number): number => base + n * hourMs
  return {
    startOf,
    at: (instant) => Math.floor((instant - base) / hourMs),
    keyOf(n) {
      const instant = startOf(n)
      const at = local.wallAt(instant)
      const text = new Date(at).toISOString().slice(0, 16)
      return local.instantsAt(at).length > 1 ? `${text}${offsetText(at - instant)}` : text
    },
    numberOf(key) {
      const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})([+-]\d{2}:\d{2})?$/.exec(key)
      const at = match === null ? null : parseLocal(match[1] as string)
      if (match === null || at === null) return null
      const instants = local.instantsAt(at)
      // An hour that comes twice is told by its offset, and no other one is.
      if (instants.length > 1 !== (match[2] !== undefined)) return null
      const instant = match[2] === undefined ? instants[0] : instants.find((each) => offsetText(at - each) === match[2])
      const n = instant === undefined ? NaN : (instant - base) / hourMs
      return Number.isInteger(n) ? n : null
    },
  }
}

interface CalendarUnit {
  /** The unit that holds a wall time, counted from 1970. */
  unitAt(wall: number): number
  wallOf(unit: number): number
  keyOf(unit: number, offsetMs: number): string
  /** Null if it is no key of the unit. */
  parse(key: string, offsetMs: number): number | null
}

const dateText = (wall: number): string => new Date(wall).toISOString().slice(0, 10)
/** 1970 began on a Thursday: the Monday before it. */
const firstMonday = -3 * dayMs

const dayUnit: CalendarUnit = {
  unitAt: (wall) => Math.floor(wall / dayMs),
  wallOf: (unit) => unit * dayMs,
  keyOf: (unit) => dateText(unit * dayMs),
  parse(key) {
    const wall = key.length === 10 ? parseLocal(key) : null
    return wall === null ? null : wall / dayMs
  },
}

const weekUnit: CalendarUnit = {
  unitAt: (wall) => Math.floor((wall - firstMonday) / (7 * dayMs)),
  wallOf: (unit) => unit * 7 * dayMs + firstMonday,
  keyOf: (unit, offsetMs) => dateText(unit * 7 * dayMs + firstMonday + offsetMs),
  parse(key, offsetMs) {
    const wall = key.length === 10 ? parseLocal(key) : null
    const days = Math.floor(offsetMs / dayMs) * dayMs
    const unit = wall === null ? NaN : (wall - days - firstMonday) / (7 * dayMs)
    return Number.isInteger(unit) ? unit : null
  },
}

const monthUnit: CalendarUnit = {
  unitAt(wall) {
    const date = new Date(wall)
    return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
  },
  wallOf: (unit) => Date.UTC(1970, unit, 1),
  keyOf: (unit) => new Date(Date.UTC(1970, unit, 1)).toISOString().slice(0, 7),
  parse(key) {
    const wall = /^\d{4}-\d{2}$/.test(key) ? parseLocal(`${key}-01`) : null
    return wall === null ? null : monthUnit.unitAt(wall)
  },
}

const units: Readonly<Record<Exclude<PartitionUnit, 'hour'>, CalendarUnit>> = {
  day: dayUnit,
  week: weekUnit,
  month: monthUnit,
}

/** Days, weeks and months begin when local clocks show their first minute, or where that is left out, right after. */
function calendar({ start, offsetMinutes }: TimeDimension, local: Zone, unit: CalendarUnit): Omit<Windows, 'most'> {
  const offsetMs = offsetMinutes * minuteMs
  const wall = (parseLocal(start) ?? 0) - offsetMs
  const holding = unit.unitAt(wall)
  const base = unit.wallOf(holding) < wall ? holding + 1 : holding
  const startOf = (n: number): number => local.firstAt(unit.wallOf(base + n) + offsetMs)
  return {
    startOf,
    keyOf: (n) => unit.keyOf(base + n, offsetMs),
    numberOf(key) {
      const parsed = unit.parse(key, offsetMs)
      return parsed === null ? null : parsed - base
    },
    at(instant) {
      let n = unit.unitAt(local.wallAt(instant) - offsetMs) - base
      // Where clocks are put back over a border, they show the unit before once more.
      while (startOf(n + 1) <= instant) n += 1
      while (startOf(n) > instant) n -= 1
      return n
    },
  }
}

/** The local date at an instant. */
export function localDate({ timeZone }: Pick<TimeDimension, 'timeZone'>, instant: string): string {
  return dateText(zone(timeZone).wallAt(Date.parse(instant)))
}

function offsetText(ms: number): string {
  const minutes = Math.abs(ms) / minuteMs
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${ms < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
