/** A cron expression of five fields, each as the sorted values that it allows. */
export interface Cron {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly daysOfMonth: readonly number[]
  /** 1 is January. */
  readonly months: readonly number[]
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[]
  /** Both fields of days are restricted: a day has to fit one of them, as cron has always had it. Else it fits both. */
  readonly eitherDay: boolean
  /**
   * Hours are named one by one: a time that a change of clocks skips then runs at the end of what is skipped, and one
   * that comes twice runs once. With `*` in the hours there is a next one soon anyway.
   */
  readonly fixedHours: boolean
}

const shorthands: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly names: readonly string[]
}

const fields = [
  { name: 'minute', from: 0, to: 59, names: [] },
  { name: 'hour', from: 0, to: 23, names: [] },
  { name: 'day of the month', from: 1, to: 31, names: [] },
  { name: 'month', from: 1, to: 12, names: monthNames },
  // 7 is Sunday too.
  { name: 'day of the week', from: 0, to: 7, names: dayNames },
] as const satisfies readonly Field[]

/**
 * Reads `minute hour day-of-month month day-of-week`, with lists, ranges, steps, English names of months and days, and
 * the shorthands `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`. Answers what is wrong with it, as a clause,
 * instead of throwing.
 *
 * @example
 * parseCron('0 6 * * mon-fri') // { minutes: [0], hours: [6], daysOfWeek: [1, 2, 3, 4, 5], ... }
 * parseCron('0 25 * * *') // 'its hour 25 is not between 0 and 23'
 */
export function parseCron(text: string): Cron | string {
  const trimmed = text.trim().toLowerCase()
  const parts = (shorthands[trimmed] ?? trimmed).split(/\s+/)
  if (parts.length !== fields.length) {
    return trimmed.startsWith('@')
      ? `"${text}" is no shorthand of cron`
      : `it has ${parts.length === 1 ? 'one field' : `${parts.length} fields`} instead of five`
  }
  const values: number[][] = []
  for (const [at, field] of fields.entries()) {
    const read = readField(parts[at] as string, field)
    if (typeof read === 'string') return read
    values.push(read)
  }
  const [minutes, hours, daysOfMonth, months, weekDays] = values as [number[], number[], number[], number[], number[]]
  const [, hourText = '', monthDayText = '', , weekDayText = ''] = parts
  const cron: Cron = {
    minutes,
    hours,
    daysOfMonth,
    months,
    daysOfWeek: [...new Set(weekDays.map((day) => day % 7))].sort((a, b) => a - b),
    eitherDay: !monthDayText.startsWith('*') && !weekDayText.startsWith('*'),
    fixedHours: !hourText.startsWith('*'),
  }
  return everMatches(cron) ? cron : 'no month that it names has a day that it names'
}

function readField(text: string, field: Field): number[] | string {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(part)
    if (match === null) return `"${part}" is no ${field.name}`
    const [, first = '', last, stepText] = match
    const step = stepText === undefined ? 1 : Number(stepText)
    if (step === 0) return `a step of 0 in its ${field.name} leads nowhere`
    const from = first === '*' ? field.from : readValue(first, field)
    if (typeof from === 'string') return from
    // Without an end a step goes on to the last value, as everywhere.
    const open = first === '*' || (last === undefined && stepText !== undefined)
    const to = last !== undefined ? readValue(last, field) : open ? lastOf(field) : from
    if (typeof to === 'string') return to
    if (first === '*' && last !== undefined) return `"${part}" is no ${field.name}`
    if (to < from) return `its ${field.name} goes from ${first} back to ${last ?? ''}`
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return [...values].sort((a, b) => a - b)
}

/** `*` in the days of the week ends on Saturday: Sunday has been counted. */
function lastOf(field: Field): number {
  return field.to === 7 ? 6 : field.to
}

function readValue(text: string, field: Field): number | string {
  const named = field.names.indexOf(text)
  if (named >= 0) return named + field.from
  const value = Number(text)
  if (!/^\d+$/.test(text)) return `"${text}" is no ${field.name}`
  if (value < field.from || value > field.to)
    return `its ${field.name} ${text} is not between ${field.from} and ${field.to}`
  return value
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** `0 0 30 2 *` never comes. */
function everMatches({ eitherDay, daysOfMonth, months }: Cron): boolean {
  if (eitherDay) return true
  return months.some((month) => (daysOfMonth[0] as number) <= (longestMonths[month - 1] as number))
}
