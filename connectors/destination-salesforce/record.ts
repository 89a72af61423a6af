import { identifierOf, prepared, refuse, type JsonData, type Prepared, type SentRow } from '../kit/index.ts'

/** A row on its way, and what it is known by. */
export interface Keyed {
  readonly key: string
  readonly record: JsonData
}

/** `Account.External_Id__c` names a record by its external id; without a value the relationship is left as it is. */
function nested(row: JsonData): JsonData {
  const record: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    const [relationship, field] = name.split('.')
    if (relationship === undefined || field === undefined) record[name] = value
    else if (value !== null) record[relationship] = { [field]: value }
  }
  return record
}

/** A record as collections take it. A null clears its field. */
export function recordOf(object: string, row: JsonData): JsonData {
  return { attributes: { type: object }, ...nested(row) }
}

const idShape = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/

export function keyedRecord(object: string, key: string, { value }: SentRow): Prepared<Keyed> {
  const own = identifierOf(value[key])
  if (own === null) return refuse('no_key', `There is no ${key}.`)
  if (key === 'Id' && !idShape.test(own)) return refuse('invalid_id', 'The Id is none of Salesforce’s.')
  return prepared({ key: own, record: recordOf(object, value) })
}
