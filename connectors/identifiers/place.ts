import type { Hints } from './platform.ts'
import { usStates } from './us-states.ts'
import { plainLetters } from './words.ts'

const isoCountry = /^[a-z]{2}$/

/** ISO 3166-1 alpha-2 in lower case; the United Kingdom's everyday `UK` is `GB` there. */
export function lowerCountry(value: string): string | null {
  const code = value.toLowerCase()
  if (!isoCountry.test(code)) return null
  return code === 'uk' ? 'gb' : code
}

export function upperCountry(value: string): string | null {
  return lowerCountry(value)?.toUpperCase() ?? null
}

/** States of the USA by their two letters, other regions in lower case without punctuation or spaces. */
export function region(value: string, { country }: Hints): string | null {
  const name = plainLetters(value)
  if (name === null || !isUsOrUnsaid(country)) return name
  return usStates.get(name) ?? name
}

/** Lower case without spaces and dashes; of the USA's the first five digits. */
export function compactPostalCode(value: string, { country }: Hints): string | null {
  const code = value.toLowerCase().replace(/[\s-]+/g, '')
  if (isUsOrUnsaid(country) && /^\d{5}-\d{4}$/.test(value)) return code.slice(0, 5)
  if (country?.toUpperCase() === 'US') return /^\d{5}/.exec(code)?.[0] ?? null
  return code === '' ? null : code
}

function isUsOrUnsaid(country: string | undefined): boolean {
  return country === undefined || country.toUpperCase() === 'US'
}
