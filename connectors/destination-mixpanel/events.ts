import {
  fieldsBut,
  identifierOf,
  momentOf,
  nestedOf,
  prepared,
  refuse,
  rowId,
  sending,
  type JsonData,
} from '../kit/index.ts'
import { distinctId, maxBytes, type MixpanelObject } from './object.ts'
import { importVerdict } from './outcome.ts'

const own = ['event', 'distinct_id', 'time', 'properties']

/**
 * Events. Mixpanel drops one whose name, user, time and `$insert_id` it has: all four are the same when a batch is sent
 * again.
 */
export const events: MixpanelObject = {
  offer: {
    object_name: 'events',
    json_schema: {
      type: 'object',
      properties: {
        event: { type: 'string', description: 'The name of the event.' },
        distinct_id: distinctId,
        time: {
          type: ['null', 'string'],
          format: 'date-time',
          description: 'When it happened; default when it is sent.',
        },
        properties: {
          type: ['null', 'object', 'string'],
          description: 'As an object or its JSON text; other fields of the row join them.',
        },
      },
      additionalProperties: true,
    },
    does: { append: ['append', 'insert'] },
  },
  sending: ({ client }) =>
    sending<JsonData>({
      limits: { count: 2_000, bytes: maxBytes, itemBytes: 1_000_000 },
      prepare: (row, batch) => {
        const { value, emittedAt } = row
        const event = identifierOf(value['event'])
        if (event === null) return refuse('no_event', 'event, the name of the event, is missing.')
        const distinct_id = identifierOf(value['distinct_id'])
        if (distinct_id === null) return refuse('no_distinct_id', 'distinct_id is missing.')
        const time = value['time'] == null ? new Date(emittedAt) : momentOf(value['time'])
        if (time === null) return refuse('invalid_time', 'time is no time stamp.')
        const given = nestedOf(value['properties'])
        if (given === null) return refuse('invalid_properties', 'properties is not an object.')
        const id = { time: time.getTime(), distinct_id, $insert_id: rowId(batch, row) }
        return prepared({ event, properties: { ...given, ...fieldsBut(value, own), ...id } })
      },
      send: async (items) => importVerdict(await client.import(items), items),
    }),
}
