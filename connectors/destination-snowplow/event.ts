import {
  fieldsBut,
  identifierOf,
  momentOf,
  prepared,
  refuse,
  rowId,
  type Batch,
  type PlacedRow,
  type Prepared,
} from '../kit/index.ts'
import { igluUri, type SnowplowConfig } from './config.ts'

/** An event of the tracker protocol: every value is a text. */
export type TrackerEvent = Readonly<Record<string, string>>

const snowplow = 'iglu:com.snowplowanalytics.snowplow'
const unstructEvent = `${snowplow}/unstruct_event/jsonschema/1-0-0`
const contextsSchema = `${snowplow}/contexts/jsonschema/1-0-1`

/** Fields that are columns of `atomic.events`, by their parameter of the tracker protocol. */
const atomicParameters = {
  user_id: 'uid',
  domain_userid: 'duid',
  network_userid: 'tnuid',
  domain_sessionid: 'sid',
  user_ipaddress: 'ip',
  useragent: 'ua',
  os_timezone: 'tz',
  br_lang: 'lang',
  page_url: 'url',
} as const
const ownFields = [...Object.keys(atomicParameters), 'event_id', 'true_tstamp', 'contexts']
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A row as a self-describing event: what is no column of `atomic.events` is the event's own data. */
export function eventOf(
  row: PlacedRow,
  batch: Batch,
  schema: string,
  { app_id, platform, namespace }: SnowplowConfig,
): Prepared<TrackerEvent> {
  const { value } = row
  const id = idOf(value['event_id'], batch, row)
  if (id === null) return refuse('invalid_event_id', 'event_id is no UUID.')
  const happened = value['true_tstamp'] == null ? undefined : momentOf(value['true_tstamp'])
  if (happened === null) return refuse('invalid_true_tstamp', 'true_tstamp is no time.')
  const contexts = contextsOf(value['contexts'])
  if (contexts === null) {
    return refuse('invalid_contexts', 'contexts is no list of objects that each have an Iglu schema and data.')
  }
  const data = { schema, data: fieldsBut(value, ownFields) }
  return prepared({
    ...{ e: 'ue', eid: id, p: platform, aid: app_id, tna: namespace, tv: 'traitline' },
    dtm: String(batch.rows[0]?.emittedAt ?? 0),
    ...(happened === undefined ? {} : { ttm: String(happened.getTime()) }),
    ...atomicValues(value),
    ue_pr: JSON.stringify({ schema: unstructEvent, data }),
    ...(contexts.length === 0 ? {} : { co: JSON.stringify({ schema: contextsSchema, data: contexts }) }),
  })
}

function atomicValues(value: PlacedRow['value']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(atomicParameters).flatMap(([field, parameter]) => {
      const text = identifierOf(value[field])
      return text === null ? [] : [[parameter, text]]
    }),
  )
}

/** The pipeline knows a repeated event by it; null if the row names one that it would not take. */
function idOf(given: unknown, batch: Batch, row: PlacedRow): string | null {
  if (given !== undefined && given !== null) return typeof given === 'string' && uuid.test(given) ? given : null
  const hex = rowId(batch, row)
  const variant = ((parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join(
    '-',
  )
}

function contextsOf(given: unknown): readonly unknown[] | null {
  if (given === undefined || given === null) return []
  const list = typeof given === 'string' ? parse(given) : given
  return Array.isArray(list) && list.every(isSelfDescribing) ? list : null
}

function isSelfDescribing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { schema, data } = value as { readonly schema?: unknown; readonly data?: unknown }
  return typeof schema === 'string' && igluUri.test(schema) && data !== undefined && Object.keys(value).length === 2
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
