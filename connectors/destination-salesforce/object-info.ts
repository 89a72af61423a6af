import { z } from 'zod'
import { configError, systemError } from '../kit/index.ts'
import type { SalesforceClient } from './client.ts'

const fieldSchema = z.object({
  name: z.string(),
  label: z.string().default(''),
  type: z.string(),
  externalId: z.boolean().default(false),
  idLookup: z.boolean().default(false),
  createable: z.boolean().default(false),
  updateable: z.boolean().default(false),
})
const infoSchema = z.object({ fields: z.array(fieldSchema) })
export type FieldInfo = z.output<typeof fieldSchema>

/** What Salesforce says of an object’s fields, to the user who writes. */
export async function describeObject(client: SalesforceClient, object: string): Promise<readonly FieldInfo[]> {
  const answer = await client.send({ method: 'GET', path: `/sobjects/${object}/describe`, repeatable: true })
  const info = infoSchema.safeParse(answer.json)
  if (!info.success) throw systemError(`Salesforce does not describe ${object} as it is documented.`)
  return info.data.fields
}

/** Whether records can be matched by a field. */
export function matches({ name, externalId, idLookup }: FieldInfo): boolean {
  return name === 'Id' || externalId || idLookup
}

/** The field that records are matched by. Throws if it cannot be. */
export function keyField(object: string, fields: readonly FieldInfo[], key: string): FieldInfo {
  const field = fields.find(({ name }) => name === key)
  if (field !== undefined && matches(field)) return field
  const known = fields.filter(matches).map(({ name }) => name)
  throw configError(`Salesforce’s ${object} cannot be matched by ${key}. It can be by ${known.join(', ')}.`)
}
