import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { z } from 'zod'
import { route, startVendor, type VendorStandIn } from '../../test/stand-ins/vendor.ts'

export interface Collector extends VendorStandIn {
  /** By event id, as a pipeline that deduplicates would have them. */
  readonly events: Map<string, Event>
  /** How many came again. */
  readonly repeated: () => number
}

export interface Event {
  readonly parameters: Readonly<Record<string, string>>
  readonly schema: string
  readonly data: Readonly<Record<string, unknown>>
  readonly contexts: readonly unknown[]
}

const ajv = new Ajv({ strict: false, unicodeRegExp: false, logger: false })
const schemaOf = (name: string): ValidateFunction => {
  const text = readFileSync(new URL(`contract/${name}.json`, import.meta.url), 'utf8')
  // Iglu's own dialect, which is draft 4 with a `self`.
  const { $schema: _, ...schema } = JSON.parse(text) as Record<string, unknown>
  return ajv.compile(schema)
}
const payloadData = schemaOf('payload_data-1-0-4')
const unstructEvent = schemaOf('unstruct_event-1-0-0')
const contexts = schemaOf('contexts-1-0-1')

const selfDescribing = z.strictObject({ schema: z.string(), data: z.unknown() })
const requestBytes = 500_000
const snowplow = 'iglu:com.snowplowanalytics.snowplow'

function errors(validate: ValidateFunction, value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`)
}

/** A collector and the first look of the enrichment behind it; data with `poison` are refused as a proxy may do. */
export async function startCollector(): Promise<Collector> {
  const events = new Map<string, Event>()
  let repeated = 0
  const eventOf = (parameters: Record<string, string>): Event => {
    const ue = selfDescribing.parse(JSON.parse(parameters['ue_pr'] ?? 'null'))
    const { schema, data } = selfDescribing.parse(ue.data)
    const co = parameters['co'] === undefined ? { data: [] } : selfDescribing.parse(JSON.parse(parameters['co']))
    return { parameters, schema, data: data as Event['data'], contexts: co.data as unknown[] }
  }
  const wrong = (parameters: Record<string, string>): string[] => {
    const ue = selfDescribing.parse(JSON.parse(parameters['ue_pr'] ?? 'null'))
    const co = parameters['co'] === undefined ? null : selfDescribing.parse(JSON.parse(parameters['co']))
    return [
      ...(z.uuid().safeParse(parameters['eid']).success ? [] : ['the event id is no UUID']),
      ...(ue.schema === `${snowplow}/unstruct_event/jsonschema/1-0-0` ? [] : [`${ue.schema} is no event`]),
      ...errors(unstructEvent, ue.data),
      ...(co === null || co.schema === `${snowplow}/contexts/jsonschema/1-0-1` ? [] : [`${co.schema} is no context`]),
      ...(co === null ? [] : errors(contexts, co.data)),
    ]
  }
  const vendor = await startVendor([
    route({
      ...{ method: 'POST', path: '/com.snowplowanalytics.snowplow/tp2' },
      body: z.strictObject({
        schema: z.literal(`${snowplow}/payload_data/jsonschema/1-0-4`),
        data: z.array(z.record(z.string(), z.string())),
      }),
      check: ({ text, json, headers }) => {
        const { data } = json as { readonly data: Record<string, string>[] }
        return [
          ...(headers['content-type']?.startsWith('application/json') === true ? [] : ['no JSON']),
          ...(Buffer.byteLength(text) > requestBytes ? [`more than ${requestBytes} bytes`] : []),
          ...errors(payloadData, data),
          ...data.flatMap(wrong),
        ]
      },
      answer: (_, { data }) => {
        const received = data.map(eventOf)
        if (received.some((event) => 'poison' in event.data)) return { status: 400 }
        for (const event of received) {
          const id = event.parameters['eid'] ?? ''
          if (events.has(id)) repeated += 1
          events.set(id, event)
        }
        return { body: 'ok' }
      },
    }),
    route({ method: 'GET', path: '/health', answer: () => ({ body: 'ok' }) }),
  ])
  return Object.assign(vendor, { events, repeated: () => repeated })
}
