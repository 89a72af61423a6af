import {
  configError,
  defineDestination,
  objectOf,
  offered,
  operationOf,
  operationsOf,
  RequestWriter,
  type ConfiguredAirbyteStream,
  type JsonData,
  type Offer,
} from '../kit/index.ts'
import { salesforceClient } from './client.ts'
import { configSchema } from './config.ts'
import { describeObject, matches, type FieldInfo } from './object-info.ts'
import { sendingOf } from './operations.ts'

const does = {
  append: ['append', 'insert'],
  append_dedup: ['upsert'],
  update: ['update'],
  soft_delete: ['delete'],
} as const satisfies Offer['does']
const anyObject: Offer = { object_name: '*', json_schema: { type: 'object', additionalProperties: true }, does }

/** Ten requests’ worth. */
const recommendedBatchSize = 2000

/** Writes records of any object of a Salesforce organisation, by collections of the REST API. */
export const destinationSalesforce = defineDestination({
  name: 'destination-salesforce',
  documentationUrl:
    'https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections.html',
  spec: configSchema,
  syncModes: ['append', 'append_dedup', 'update', 'soft_delete'],

  async check(config, context) {
    await salesforceClient(config, context).send({ method: 'GET', path: '/sobjects', repeatable: true })
  },

  async discover(config, context) {
    const client = salesforceClient(config, context)
    const operations = operationsOf(anyObject)
    for (const object of config.objects) {
      operations.push(...operationsOf(offerOf(object, await describeObject(client, object))))
    }
    return { operations, idempotent: false, recommended_batch_size: recommendedBatchSize }
  },

  async open(config, catalog, context) {
    const client = salesforceClient(config, context)
    return new RequestWriter(
      catalog,
      (stream) => {
        offered('Salesforce', [{ offer: anyObject }], stream)
        const object = named(objectOf(stream), 'an object')
        return sendingOf({ stream, object, key: keyOf(stream), client, config, context }, operationOf(stream))
      },
      config.parallel_requests,
    )
  },
})

function keyOf({ primary_key }: ConfiguredAirbyteStream): string | null {
  const keys = (primary_key ?? []).flat()
  if (keys.length > 1) throw configError('Salesforce matches records by one field.')
  return keys[0] === undefined ? null : named(keys[0], 'a field')
}

/** Names become parts of addresses and queries. */
function named(name: string, what: string): string {
  if (/^[A-Za-z]\w*$/.test(name)) return name
  throw configError(`${name} is not the API name of ${what} of Salesforce.`)
}

function offerOf(object: string, fields: readonly FieldInfo[]): Offer {
  const writable = fields.filter((field) => field.createable || field.updateable || field.name === 'Id')
  return {
    object_name: object,
    json_schema: {
      type: 'object',
      properties: Object.fromEntries(writable.map((field) => [field.name, schemaOf(field)])),
      additionalProperties: true,
    },
    matching_keys: fields.filter(matches).map(({ name }) => [name]),
    does,
  }
}

const jsonTypes: Readonly<Record<string, JsonData>> = {
  boolean: { type: ['null', 'boolean'] },
  int: { type: ['null', 'integer'] },
  double: { type: ['null', 'number'] },
  currency: { type: ['null', 'number'] },
  percent: { type: ['null', 'number'] },
  date: { type: ['null', 'string'], format: 'date' },
  datetime: { type: ['null', 'string'], format: 'date-time' },
}

function schemaOf({ type, label }: FieldInfo): JsonData {
  return { ...(jsonTypes[type] ?? { type: ['null', 'string'] }), title: label }
}
