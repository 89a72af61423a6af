import { identify, type Hints, type IdentifierKind } from '../identifiers/index.ts'
import { identifierOf, prepared, refuse, type JsonData, type Prepared } from '../kit/index.ts'

/** What a person is found by: Meta's key, and how a value is written. */
interface Key {
  readonly key: string
  readonly of: (value: string, hints: Hints) => string | null
}

const hashed =
  (kind: IdentifierKind): Key['of'] =>
  (value, hints) =>
    identify('meta', kind, value, hints)?.value ?? null

/** By the name of the field, in the order in which they are sent. */
const keys: Readonly<Record<string, Key>> = {
  external_id: { key: 'EXTERN_ID', of: (value) => value },
  email: { key: 'EMAIL', of: hashed('email') },
  phone: { key: 'PHONE', of: hashed('phone') },
  device_id: { key: 'MADID', of: hashed('device_id') },
  first_name: { key: 'FN', of: hashed('first_name') },
  last_name: { key: 'LN', of: hashed('last_name') },
  first_initial: { key: 'FI', of: hashed('first_initial') },
  gender: { key: 'GEN', of: hashed('gender') },
  birth_year: { key: 'DOBY', of: hashed('birth_year') },
  birth_month: { key: 'DOBM', of: hashed('birth_month') },
  birth_day: { key: 'DOBD', of: hashed('birth_day') },
  city: { key: 'CT', of: hashed('city') },
  region: { key: 'ST', of: hashed('region') },
  postal_code: { key: 'ZIP', of: hashed('postal_code') },
  country: { key: 'COUNTRY', of: hashed('country') },
}

export const fields = Object.keys(keys)

export const rowSchema: JsonData = {
  type: 'object',
  properties: Object.fromEntries(fields.map((field) => [field, { type: ['null', 'string'] }])),
}

/** A person: what Meta's keys are for them, `''` where nothing is known. */
export interface Person {
  readonly values: Readonly<Record<string, string>>
}

/** Only what is named by Meta itself is an identity; a country alone is everybody in it. */
const weak = new Set(['gender', 'birth_year', 'birth_month', 'birth_day', 'city', 'region', 'postal_code', 'country'])

export function personOf(row: JsonData, home: string | undefined): Prepared<Person> {
  const hints = { country: identifierOf(row['country']) ?? home }
  const values: Record<string, string> = {}
  let strong = false
  let invalid: string | null = null
  for (const [field, { key, of }] of Object.entries(keys)) {
    const given = identifierOf(row[field])
    if (given === null) continue
    const value = of(given.trim(), hints)
    if (value === null) {
      invalid ??= field
      continue
    }
    values[key] = value
    if (!weak.has(field)) strong = true
  }
  if (strong) return prepared({ values })
  if (invalid !== null)
    return refuse('invalid_identifier', `There is no other identifier than ${invalid}, which is none.`)
  return refuse('no_identifier', 'There is nothing in it by which Meta could find a person.')
}

/** What a request has: the keys that any of its people have, and their values in that order. */
export function tableOf(people: readonly Person[]): { readonly schema: string[]; readonly data: string[][] } {
  const used = new Set(people.flatMap(({ values }) => Object.keys(values)))
  const schema = Object.values(keys)
    .map(({ key }) => key)
    .filter((key) => used.has(key))
  return { schema, data: people.map(({ values }) => schema.map((key) => values[key] ?? '')) }
}
