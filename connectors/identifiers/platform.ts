/** What is known about a person, by which advertising platforms find their own users. */
export const identifierKinds = [
  'email',
  'phone',
  'first_name',
  'last_name',
  'first_initial',
  'gender',
  'birth_date',
  'birth_year',
  'birth_month',
  'birth_day',
  'city',
  'region',
  'postal_code',
  'country',
  'external_id',
  'device_id',
] as const

export type IdentifierKind = (typeof identifierKinds)[number]

export interface Hints {
  /** ISO 3166-1 alpha-2, such as `DE`: where phone numbers without a country code, regions and postal codes belong. */
  readonly country?: string | undefined
}

/** Null if the value is none of its kind. The value is trimmed and not empty. */
export type Normalise = (value: string, hints: Hints) => string | null

export interface Rule {
  readonly normalise: Normalise
  /** Whether the platform wants the normalised value's SHA-256, or the value itself. */
  readonly hash: boolean
}

export type PlatformRules = Readonly<Partial<Record<IdentifierKind, Rule>>>

export const hashedRule = (normalise: Normalise): Rule => ({ normalise, hash: true })
export const plainRule = (normalise: Normalise): Rule => ({ normalise, hash: false })
