import type { ColumnType, JsonValue, MappedCast } from '../../../orchestrator/contract/index.ts'
import { Unmappable, type CompileContext, type ReadValue } from './value.ts'

/** Values as one type of field takes them. Undefined if the value does not fit. A number too large for a double stays a text. */
export const fits: Readonly<Record<ColumnType, (value: JsonValue) => JsonValue | undefined>> = {
  text: (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)),
  integer: (value) => {
    if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
    return typeof value === 'string' ? wholeNumber(value) : undefined
  },
  number: (value) => {
    if (typeof value === 'number') return value
    if (typeof value !== 'string' || value.trim() === '' || !Number.isFinite(Number(value))) return undefined
    return String(Number(value)) === value ? Number(value) : value
  },
  boolean: (value) => {
    if (typeof value === 'boolean') return value
    return value === 'true' ? true : value === 'false' ? false : undefined
  },
  timestamp: (value) => (typeof value === 'string' ? value : undefined),
  date: (value) => (typeof value === 'string' ? value.slice(0, 10) : undefined),
  json: (value) => value,
}

/** What `cast` makes of values: more than fields take by themselves. Undefined where there is no reading. */
const casts: Readonly<Record<ColumnType, (value: JsonValue) => JsonValue | undefined>> = {
  text: fits.text,
  integer: (value) => {
    if (typeof value === 'boolean') return value ? 1 : 0
    const whole = fits.integer(value)
    if (whole !== undefined) return whole
    const number = fits.number(typeof value === 'string' ? value.trim() : value)
    return typeof number === 'number' ? halfAwayFromZero(number) : undefined
  },
  number: (value) => (typeof value === 'boolean' ? (value ? 1 : 0) : fits.number(value)),
  boolean: (value) => {
    if (typeof value === 'number') return value !== 0
    return typeof value === 'string' ? words.get(value.trim().toLowerCase()) : fits.boolean(value)
  },
  timestamp: (value) => timeOf(value)?.toISOString(),
  date: (value) =>
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : timeOf(value)?.toISOString().slice(0, 10),
  json: (value) => {
    if (typeof value !== 'string') return value
    try {
      return JSON.parse(value) as JsonValue
    } catch {
      return undefined
    }
  },
}

const words: ReadonlyMap<string, boolean> = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, false] as const),
])

export function compileCast({ value, to }: MappedCast, { compile }: CompileContext): ReadValue {
  const read = compile(value)
  const cast = casts[to]
  return (rendering) => {
    const given = read(rendering)
    if (given === null) return null
    const made = cast(given)
    if (made === undefined) throw new Unmappable('CAST_FAILED', `cannot be cast to ${to}`)
    return made
  }
}

/** As SQL rounds: 2.5 to 3, and -2.5 to -3. */
function halfAwayFromZero(number: number): number {
  return Math.sign(number) * Math.round(Math.abs(number)) || 0
}

/** Numbers are seconds since 1970; a time without a zone is in UTC. */
function timeOf(value: JsonValue): Date | undefined {
  const at = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? parseTime(value.trim()) : NaN
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function parseTime(text: string): number {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i.exec(
    text,
  )
  if (parts === null) return NaN
  const [, day, time = '00:00', zone = 'Z'] = parts
  const offset =
    zone.toUpperCase() === 'Z' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone.replace(/(\d{2}):?(\d{2})$/, '$1:$2')
  return Date.parse(`${day}T${time}${offset}`)
}

export function wholeNumber(text: string): number | string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  return Number.isSafeInteger(Number(text)) ? Number(text) : text
}
