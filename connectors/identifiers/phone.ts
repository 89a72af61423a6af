import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import type { Hints } from './platform.ts'

/**
 * E.164, `+` included. A number without a country code is read as one of `country`; without that it is refused, since
 * the same digits are other people's numbers elsewhere.
 */
export function e164(value: string, { country }: Hints): string | null {
  const home = country?.toUpperCase()
  const text = value.startsWith('00') ? `+${value.slice(2)}` : value
  const number = parsePhoneNumberFromString(text, {
    extract: false,
    ...(home !== undefined && isSupportedCountry(home) ? { defaultCountry: home } : {}),
  })
  return number?.isPossible() === true ? number.number : null
}

export function e164Digits(value: string, hints: Hints): string | null {
  return e164(value, hints)?.slice(1) ?? null
}
