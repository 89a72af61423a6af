import { setTimeout as delay } from 'node:timers/promises'
import {
  configError,
  prepared,
  sending,
  type ConfiguredAirbyteStream,
  type DestinationContext,
  type HttpRequest,
  type Refusal,
  type RowOperation,
  type Sending,
  type Verdict,
} from '../kit/index.ts'
import type { SalesforceClient } from './client.ts'
import type { SalesforceConfig } from './config.ts'
import { idsOf } from './lookup.ts'
import { describeObject, keyField, type FieldInfo } from './object-info.ts'
import { absentCodes, codeOf, refusalOf, refusedRequest, resultsOf, type SaveResult } from './outcome.ts'
import { keyedRecord, recordOf, type Keyed } from './record.ts'

/** What rows of a stream are sent with. */
export interface Target {
  readonly stream: ConfiguredAirbyteStream
  readonly object: string
  readonly key: string | null
  readonly client: SalesforceClient
  readonly config: SalesforceConfig
  readonly context: DestinationContext
}

const limits = { count: 200, bytes: 10_000_000, itemBytes: 1_000_000 }
const lockedAttempts = 3
const path = '/composite/sobjects'
const absent: Refusal = { code: 'absent', message: 'Salesforce has no such record.', skipped: true }
const exists: Refusal = { code: 'exists', message: 'Salesforce has such a record already.', skipped: true }

/** What a result that is no success means: null if the row is done all the same. */
type Judge<Item> = (code: string, result: SaveResult, item: Item) => Refusal | null

/** Sends a collection; rows that others have locked again, after a wait. */
async function sendCollection<Item>(
  { client, config, context, object }: Target,
  items: readonly Item[],
  request: (items: readonly Item[]) => HttpRequest,
  judge: Judge<Item>,
): Promise<Verdict> {
  const refused = new Map<number, Refusal>()
  let waiting = items.map((item, index) => ({ item, index }))
  for (let attempt = 0; waiting.length > 0; attempt++) {
    const answer = await client.send(request(waiting.map(({ item }) => item)))
    if (!answer.ok) {
      const verdict = refusedRequest(answer, object)
      // What a first attempt took must not be sent again in halves: those that were locked are refused as they are.
      if (attempt === 0 || verdict.whole === null) return verdict
      for (const { index } of waiting) refused.set(index, verdict.whole)
      break
    }
    const results = resultsOf(answer, waiting.length)
    const locked: typeof waiting = []
    for (const [position, one] of waiting.entries()) {
      const result = results[position] as SaveResult
      const code = codeOf(result)
      if (code === null) continue
      if (code === 'UNABLE_TO_LOCK_ROW' && attempt < lockedAttempts) locked.push(one)
      else {
        const refusal = judge(code, result, one.item)
        if (refusal !== null) refused.set(one.index, refusal)
      }
    }
    waiting = locked
    if (waiting.length > 0) {
      context.log.info(`${waiting.length} rows are locked at Salesforce: again after a wait.`)
      await delay(config.lock_wait_seconds * 1000 * 2 ** attempt, undefined, { signal: context.signal })
    }
  }
  return { refused, whole: null }
}

/** Nobody reads the ids of what was written. */
const records = (list: readonly unknown[]) => ({ allOrNone: false, records: list })

function upsert(target: Target, key: string): Sending {
  const { object } = target
  if (key === 'Id') throw configError('Salesforce upserts by an external id, not by Id: use update, or another key.')
  return sending<Keyed>({
    limits,
    prepare: (row) => keyedRecord(object, key, row),
    send: (items) =>
      sendCollection(
        target,
        items,
        (some) => ({
          method: 'PATCH',
          path: `${path}/${object}/${key}`,
          json: records(some.map(({ record }) => record)),
          repeatable: true,
        }),
        (_, result, { record }) => refusalOf(result, record),
      ),
  })
}

/** By a unique external id a record that exists is known; without one, each row is a new record. */
function insert(target: Target): Sending {
  return sending({
    limits,
    prepare: ({ value }) => prepared(recordOf(target.object, value)),
    send: (items) =>
      sendCollection(
        target,
        items,
        (some) => ({ method: 'POST', path, json: records(some), repeatable: false }),
        (code, result, item) => (code === 'DUPLICATE_VALUE' ? exists : refusalOf(result, item)),
      ),
  })
}

interface Found extends Keyed {
  readonly id: string
}

/** Finds the records of the items first, unless their ids are given. */
function byId(
  target: Target,
  key: string,
  missing: Refusal | null,
  send: (found: readonly Found[]) => Promise<Verdict>,
): Sending {
  const { client, object } = target
  let field: Promise<FieldInfo> | null = null
  return sending<Keyed>({
    limits,
    prepare: (row) => keyedRecord(object, key, row),
    async send(items) {
      const refused = new Map<number, Refusal>()
      const found: (Found & { readonly index: number })[] = []
      field ??= describeObject(client, object).then((fields) => keyField(object, fields, key))
      const ids =
        key === 'Id'
          ? items.map((item) => [item.key])
          : await idsOf(
              client,
              object,
              await field,
              items.map((item) => item.key),
            )
      for (const [index, item] of items.entries()) {
        const [id, another] = ids[index] ?? []
        if (id === undefined) {
          if (missing !== null) refused.set(index, missing)
        } else if (another !== undefined) {
          refused.set(index, { code: 'ambiguous', message: `Salesforce has several records with the same ${key}.` })
        } else found.push({ ...item, id, index })
      }
      if (found.length === 0) return { refused, whole: null }
      const verdict = await send(found)
      if (verdict.whole !== null) return { refused, whole: verdict.whole }
      for (const [position, refusal] of verdict.refused)
        refused.set((found[position] as (typeof found)[0]).index, refusal)
      return { refused, whole: null }
    },
  })
}

function update(target: Target, key: string): Sending {
  return byId(target, key, absent, (found) =>
    sendCollection(
      target,
      found,
      (some) => ({
        method: 'PATCH',
        path,
        json: records(some.map(({ record, id }) => ({ ...withoutKey(record, key), Id: undefined, id }))),
        repeatable: true,
      }),
      (code, result, { record }) =>
        absentCodes.has(code) && (result.errors[0]?.fields ?? []).every((name) => name.toLowerCase() === 'id')
          ? absent
          : refusalOf(result, record),
    ),
  )
}

/** The record has its key already; a key that cannot be changed would only be refused. */
function withoutKey(record: Keyed['record'], key: string): Keyed['record'] {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))
}

/** To the recycle bin. What is not there is done. */
function remove(target: Target, key: string): Sending {
  return byId(target, key, null, (found) =>
    sendCollection(
      target,
      found,
      (some) => ({
        method: 'DELETE',
        path: `${path}?ids=${some.map(({ id }) => id).join(',')}&allOrNone=false`,
        repeatable: true,
      }),
      (code, result, { record }) => (absentCodes.has(code) ? null : refusalOf(result, record)),
    ),
  )
}

const keyed: Partial<Record<RowOperation, (target: Target, key: string) => Sending>> = {
  upsert,
  update,
  delete: remove,
}

export function sendingOf(target: Target, operation: RowOperation): Sending {
  const make = keyed[operation]
  if (make === undefined) return insert(target)
  if (target.key === null) throw configError(`Salesforce’s ${target.object} needs a key to ${operation} by.`)
  return make(target, target.key)
}
