import { z } from 'zod'
import { pieces, systemError } from '../kit/index.ts'
import type { SalesforceClient } from './client.ts'
import { refusedRequest } from './outcome.ts'
import type { FieldInfo } from './object-info.ts'

const pageSchema = z.object({
  done: z.boolean(),
  nextRecordsUrl: z.string().optional(),
  records: z.array(z.looseObject({ Id: z.string() })),
})

/** A query goes in the address, which may have 16,384 bytes. */
const queryBytes = 8000
const longestPages = 20

/**
 * The ids of the records that have the keys: none, one or several for each, in the order of the keys. Salesforce compares
 * texts without case unless the field says otherwise; a record whose key is the very same goes first.
 */
export async function idsOf(
  client: SalesforceClient,
  object: string,
  key: FieldInfo,
  keys: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const numeric = key.type === 'double' || key.type === 'int'
  const found: FoundRecord[] = []
  const literals = [...new Set(keys)].map((one) => (numeric ? numberLiteral(one) : textLiteral(one)))
  const known = literals.filter((one) => one !== null)
  for (const some of pieces(known, { count: 200, bytes: queryBytes }, (one) => encodeURIComponent(one).length + 3)) {
    const soql = `SELECT Id, ${key.name} FROM ${object} WHERE ${key.name} IN (${some.join(',')})`
    let path: string | undefined = `/query?q=${encodeURIComponent(soql)}`
    for (let page = 0; path !== undefined; page++) {
      const answer = await client.send({ method: 'GET', path, repeatable: true })
      if (!answer.ok) refusedRequest(answer, object)
      const read = pageSchema.safeParse(answer.json)
      if (!read.success || page > longestPages) throw systemError('Salesforce’s answer to a query cannot be read.')
      found.push(...read.data.records.map((record) => ({ id: record.Id, key: String(record[key.name]) })))
      path = read.data.done ? undefined : read.data.nextRecordsUrl?.replace(/^\/services\/data\/v[\d.]+/, '')
    }
  }
  const exact = idsBy(found, (one) => one)
  const folded = idsBy(found, (one) => one.toLowerCase())
  return keys.map((one) => {
    const same = numeric ? String(Number(one)) : one
    return exact.get(same) ?? folded.get(same.toLowerCase()) ?? []
  })
}

interface FoundRecord {
  readonly id: string
  readonly key: string
}

function idsBy(found: readonly FoundRecord[], nameOf: (key: string) => string): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>()
  for (const { id, key } of found) ids.set(nameOf(key), [...(ids.get(nameOf(key)) ?? []), id])
  return ids
}

function textLiteral(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `'${escaped}'`
}

/** Null if it is no number: nothing has such a key. */
function numberLiteral(value: string): string | null {
  const number = Number(value)
  return value.trim() !== '' && Number.isFinite(number) ? String(number) : null
}
