import { identifierOf, type ConfiguredAirbyteStream, type JsonData } from '../kit/index.ts'
import type { BrazeConfig } from './config.ts'

/** One of the ways in which Braze knows a user, by the field of a row that holds it. */
export interface Identifier {
  readonly field: string
  /** As a member of an object of /users/track. */
  readonly member: (value: string, config: BrazeConfig) => JsonData
  /** As an item of /users/delete, and the list that it stands in. */
  readonly deletion: { readonly list: string; readonly item: (value: string, config: BrazeConfig) => unknown }
  /** The list of /v2/subscription/status/set that takes it; null if none does. */
  readonly subscription: string | null
}

const plain = (value: string): string => value
/** Of several profiles with an address the one without an external id goes first: it has nothing else that is known. */
const prioritization = ['unidentified', 'most_recently_updated']

/** In the order in which a row without a declared key is looked through. */
export const identifiers: readonly Identifier[] = [
  {
    field: 'external_id',
    member: (external_id) => ({ external_id }),
    deletion: { list: 'external_ids', item: plain },
    subscription: 'external_ids',
  },
  {
    field: 'braze_id',
    member: (braze_id) => ({ braze_id }),
    deletion: { list: 'braze_ids', item: plain },
    subscription: null,
  },
  {
    field: 'alias_name',
    member: (name, config) => ({ user_alias: aliasOf(name, config) }),
    deletion: { list: 'user_aliases', item: aliasOf },
    subscription: null,
  },
  {
    field: 'email',
    member: (email) => ({ email }),
    deletion: { list: 'email_addresses', item: (email) => ({ email, prioritization }) },
    subscription: 'emails',
  },
  {
    field: 'phone',
    member: (phone) => ({ phone }),
    deletion: { list: 'phone_numbers', item: (phone) => ({ phone, prioritization }) },
    subscription: 'phones',
  },
]

function aliasOf(alias_name: string, { alias_label }: BrazeConfig): JsonData {
  return { alias_name, alias_label }
}

/** The identifier that a stream's rows are matched by; null if the stream names none. */
export function keyOf({ primary_key }: ConfiguredAirbyteStream): Identifier | null {
  const field = primary_key?.[0]?.[0]
  return identifiers.find((one) => one.field === field) ?? null
}

/** Who a row is about: by the stream's key, or else by the first identifier that the row has. */
export function identityOf(
  row: JsonData,
  key: Identifier | null,
): { readonly by: Identifier; readonly value: string } | null {
  for (const by of key === null ? identifiers : [key]) {
    const value = identifierOf(row[by.field])
    if (value !== null) return { by, value }
  }
  return null
}
