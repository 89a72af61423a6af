import type { JsonData, Offer } from '../kit/index.ts'

/** One of the specification's calls, as rows fill it. */
export interface Call {
  readonly type: 'identify' | 'track' | 'group'
  /** What it is besides who it is about, by field: `event`, `groupId`. */
  readonly required: Readonly<Record<string, string>>
  /** Where the fields of a row go that the call has no name for. */
  readonly rest: 'traits' | 'properties'
  readonly offer: Offer
}

const text = { type: ['null', 'string'] }
const nested = { type: ['null', 'object', 'string'] }

/** Fields that every call has. */
export const commonFields: JsonData = {
  userId: { ...text, description: 'The user. Either this or anonymousId has to be there.' },
  anonymousId: { ...text, description: 'Who is not known by a user id yet.' },
  timestamp: { ...text, format: 'date-time', description: 'When it happened; default when it arrives.' },
  context: { ...nested, description: 'What else is known of the circumstances, as an object or its JSON text.' },
  integrations: { ...nested, description: 'Which destinations it goes on to, as an object or its JSON text.' },
}

export function schemaOf(rest: Call['rest'], fields: JsonData): JsonData {
  const bag = { ...nested, description: `${rest}, as an object or its JSON text; other fields of the row join them.` }
  return { type: 'object', properties: { ...commonFields, ...fields, [rest]: bag }, additionalProperties: true }
}
