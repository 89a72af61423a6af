import { warehouseError } from '../errors.ts'

/** strptime's letters that both warehouses can read: what each matches, and its place in ISO 8601. */
const letters: Readonly<Record<string, { readonly pattern: string; readonly part: Part }>> = {
  Y: { pattern: '\\d{4}', part: 'year' },
  m: { pattern: '\\d{1,2}', part: 'month' },
  b: { pattern: '[A-Za-z]{3}', part: 'month' },
  B: { pattern: '[A-Za-z]{3,9}', part: 'month' },
  d: { pattern: '\\d{1,2}', part: 'day' },
  H: { pattern: '\\d{1,2}', part: 'hour' },
  M: { pattern: '\\d{1,2}', part: 'minute' },
  S: { pattern: '\\d{1,2}', part: 'second' },
  f: { pattern: '\\d{1,6}', part: 'fraction' },
  z: { pattern: '[+-]\\d\\d:?\\d\\d|Z', part: 'zone' },
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'zone'

export interface DateFormat {
  /** Matches a text in this format, one group a letter. */
  readonly pattern: string
  /** Replaces the match by an ISO 8601 text: `\1-\2-\3`. */
  readonly iso: string
  readonly hasTime: boolean
  readonly hasZone: boolean
}

/** Understands a format such as `%Y%m%d`, or refuses it with the letter that is not known. */
export function parseDateFormat(format: string): DateFormat {
  const places = new Map<Part, number>()
  let pattern = ''
  for (let index = 0; index < format.length; index++) {
    const character = format[index] as string
    if (character !== '%') {
      pattern += character.replace(/[^\w\s]/, '\\$&')
      continue
    }
    const letter = format[++index] ?? ''
    const known = letters[letter]
    if (known === undefined) throw unreadable(format, `%${letter} is not one of ${Object.keys(letters).join(', ')}`)
    if (places.has(known.part)) throw unreadable(format, `it names the ${known.part} twice`)
    places.set(known.part, places.size + 1)
    pattern += `(${known.pattern})`
  }
  const missing = (['year', 'month', 'day'] as const).find((part) => !places.has(part))
  if (missing !== undefined) throw unreadable(format, `it has no ${missing}`)
  const group = (part: Part, fallback: string): string => (places.has(part) ? `\\${places.get(part)}` : fallback)
  const time = `${group('hour', '00')}:${group('minute', '00')}:${group('second', '00')}`
  const fraction = places.has('fraction') ? `.${group('fraction', '0')}` : ''
  const hasTime = places.has('hour')
  return {
    pattern: `^${pattern}$`,
    iso: `${group('year', '')}-${group('month', '')}-${group('day', '')} ${time}${fraction}${group('zone', '')}`,
    hasTime,
    hasZone: places.has('zone'),
  }
}

function unreadable(format: string, reason: string): Error {
  return warehouseError('CSV_INVALID', `The date format ${format} cannot be used: ${reason}`, {
    hint: 'Write it with %Y %m %d, and %H %M %S %f %z for times.',
  })
}
