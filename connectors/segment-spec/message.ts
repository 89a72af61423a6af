import {
  fieldsBut,
  identifierOf,
  momentOf,
  nestedOf,
  prepared,
  refuse,
  rowId,
  type Batch,
  type JsonData,
  type PlacedRow,
  type Prepared,
} from '../kit/index.ts'
import { commonFields, type Call } from './call.ts'

/** What the receiving side shows as the sender. */
const library = { name: 'traitline' }

/**
 * A row as a message of the specification. Its `messageId` is the same whenever its batch is sent again, so that the
 * receiver can drop what it took before.
 */
export function messageOf(call: Call, row: PlacedRow, batch: Pick<Batch, 'id'>): Prepared<JsonData> {
  const { value } = row
  const who = whoOf(value)
  if (who === null) return refuse('no_user', 'There is neither userId nor anonymousId.')
  const own: Record<string, string> = {}
  for (const [field, what] of Object.entries(call.required)) {
    const text = identifierOf(value[field])
    if (text === null) return refuse(`no_${field}`, `${field}, ${what}, is missing.`)
    own[field] = text
  }
  const nested: Record<string, JsonData | undefined> = {}
  for (const field of ['context', 'integrations', call.rest]) {
    const object = nestedOf(value[field])
    if (object === null) return refuse(`invalid_${field}`, `${field} is not an object.`)
    nested[field] = object
  }
  const { context, integrations, [call.rest]: given } = nested
  const timestamp = timestampOf(value['timestamp'])
  if (timestamp === null) return refuse('invalid_timestamp', 'timestamp is no time stamp.')
  const known = [...Object.keys(commonFields), ...Object.keys(call.required), call.rest]
  return prepared({
    type: call.type,
    messageId: `traitline-${rowId(batch, row)}`,
    ...who,
    ...own,
    [call.rest]: { ...given, ...fieldsBut(value, known) },
    context: { library, ...context },
    ...(integrations === undefined ? {} : { integrations }),
    ...(timestamp === undefined ? {} : { timestamp }),
  })
}

function whoOf({ userId, anonymousId }: JsonData): JsonData | null {
  const user = identifierOf(userId)
  const anonymous = identifierOf(anonymousId)
  if (user === null && anonymous === null) return null
  return { ...(user === null ? {} : { userId: user }), ...(anonymous === null ? {} : { anonymousId: anonymous }) }
}

function timestampOf(value: unknown): string | null | undefined {
  if (value === null || value === undefined || value === '') return undefined
  return momentOf(value)?.toISOString() ?? null
}
