import {
  fieldsBut,
  identifierOf,
  momentOf,
  nestedOf,
  prepared,
  refuse,
  type JsonData,
  type SentRow,
} from '../kit/index.ts'
import { identifiers } from './identifier.ts'
import { identifierFields, type BrazeObject } from './object.ts'
import { trackSending } from './track.ts'

const own = ['name', 'time', 'app_id', 'properties']

/** Custom events. Each object is a new one for Braze, so none is sent again if its outcome is unknown. */
export const events: BrazeObject = {
  offer: {
    object_name: 'events',
    json_schema: {
      type: 'object',
      properties: {
        ...identifierFields,
        name: { type: 'string', description: 'The name of the event.' },
        ...occurrence(),
      },
      additionalProperties: true,
    },
    does: { append: ['append', 'insert'] },
  },
  sending: (target) =>
    trackSending(target, 'events', false, (row, identity) => {
      const name = identifierOf(row.value['name'])
      if (name === null) return refuse('no_name', 'name, the name of the event, is missing.')
      const rest = restOf(row, own)
      return 'refusal' in rest ? rest : prepared({ ...identity, name, ...rest.members })
    }),
}

/** Fields of whatever happened at some time. */
export function occurrence(): JsonData {
  return {
    time: { type: ['null', 'string'], format: 'date-time', description: 'When it happened; default when it is sent.' },
    app_id: { type: ['null', 'string'], description: 'The app that it is counted for.' },
    properties: {
      type: ['null', 'object', 'string'],
      description: 'As an object or its JSON text; other fields of the row join them.',
    },
  }
}

/** Time, app and properties; fields that have no name of their own are properties. */
export function restOf(
  { value, emittedAt }: SentRow,
  own: readonly string[],
): { readonly members: JsonData } | ReturnType<typeof refuse> {
  const time = value['time'] == null ? new Date(emittedAt) : momentOf(value['time'])
  if (time === null) return refuse('invalid_time', 'time is no time stamp.')
  const given = nestedOf(value['properties'])
  if (given === null) return refuse('invalid_properties', 'properties is not an object.')
  const properties = { ...given, ...fieldsBut(value, [...own, ...identifiers.map(({ field }) => field)]) }
  const app = identifierOf(value['app_id'])
  return {
    members: {
      time: time.toISOString(),
      ...(app === null ? {} : { app_id: app }),
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
    },
  }
}
