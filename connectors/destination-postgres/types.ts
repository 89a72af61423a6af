import type { JsonData } from '../kit/index.ts'

/**
 * The PostgreSQL type for a property of a stream's JSON Schema: `type`, `format` and Airbyte's `airbyte_type`.
 * What has no type of its own is kept as jsonb.
 */
export function columnType(property: unknown): string {
  if (typeof property !== 'object' || property === null) return 'jsonb'
  const { type, format, airbyte_type: airbyteType } = property as Readonly<Record<string, unknown>>
  const types = (Array.isArray(type) ? type : [type]).filter((name) => name !== 'null')
  if (types.length !== 1) return 'jsonb'
  switch (types[0]) {
    case 'boolean':
      return 'boolean'
    case 'integer':
      return 'bigint'
    case 'number':
      return airbyteType === 'integer' ? 'bigint' : airbyteType === 'big_number' ? 'numeric' : 'double precision'
    case 'string':
      return textType(format, airbyteType)
    default:
      return 'jsonb'
  }
}

function textType(format: unknown, airbyteType: unknown): string {
  if (airbyteType === 'big_integer' || airbyteType === 'big_number') return 'numeric'
  if (format === 'date') return 'date'
  if (format === 'date-time') return airbyteType === 'timestamp_without_timezone' ? 'timestamp' : 'timestamptz'
  if (format === 'time') return airbyteType === 'time_with_timezone' ? 'timetz' : 'time'
  return 'text'
}

const schemaOfType: Readonly<Record<string, JsonData>> = {
  boolean: { type: 'boolean' },
  smallint: { type: 'integer' },
  integer: { type: 'integer' },
  bigint: { type: 'integer' },
  real: { type: 'number' },
  'double precision': { type: 'number' },
  numeric: { type: 'number' },
  date: { type: 'string', format: 'date' },
  'timestamp with time zone': { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
  'timestamp without time zone': { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
  json: { type: ['object', 'array'] },
  jsonb: { type: ['object', 'array'] },
}

/** The other way: how a column is told in `discover`. Types without a twin of their own are text. */
export function propertyOf(type: string): JsonData {
  return schemaOfType[type.replace(/\(.*\)/, '')] ?? { type: 'string' }
}
