import { columnRef } from '../column.ts'
import { definitionOf } from '../definition.ts'
import { fieldsFilledBy, valueKinds, type MapValue } from '../map-value.ts'
import {
  either,
  json,
  like,
  listOf,
  made,
  oneOf,
  optional,
  plainObject,
  recordOf,
  shape,
  type Shape,
} from '../shape.ts'

const valueType = oneOf(Object.keys(fieldsFilledBy))

/** What of a row may be read. */
export const reference = like(
  either(made('the key of an entity', 'key', { valueType }), definitionOf('trait'), columnRef),
  'customer.key, lifetimeValue or customers.column(...)',
)

const makers = valueKinds.filter((kind) => kind !== 'key' && kind !== 'trait' && kind !== 'column')
const makerShapes = makers.map((kind) => made('a value', kind, { valueType }))

/** Anything that fills a field and is made by a function of the API. */
export const mapValue = like(
  shape(
    'a value: a key, a trait, a column, or what constant, template, cast and their like make',
    (value) => reference.accepts(value) || makerShapes.some((maker) => maker.accepts(value)),
    (value, path) => (reference.accepts(value) ? reference.within(value, path) : []),
  ),
  "customer.key, a trait, constant('web') or template('...')",
)

/** A value, or plain data that stands for itself. */
export const valueOrLiteral = like(either(mapValue, json), "lifetimeValue, 'gold' or null")

/** A value, or an object or a list of them at any depth; what holds itself is none. */
function nestedWithin(holders: readonly unknown[]): Shape<false> {
  const inner = (value: unknown): Shape<false> => nestedWithin([...holders, value])
  return {
    ...mapValue,
    expected: 'a value, an object or a list of values',
    accepts: (value) => mapValue.accepts(value) || (isNest(value) && !holders.includes(value)),
    within: (value, path) => {
      if (mapValue.accepts(value)) return mapValue.within(value, path)
      if (Array.isArray(value)) return listOf('values', inner(value)).within(value, path)
      return recordOf('values', optional(inner(value))).within(value, path)
    },
  }
}

export const nestedValue = nestedWithin([])

/** What our functions make names its kind in a text; of an object that a user nests, `kind` is a field like others. */
function isNest(value: unknown): boolean {
  if (Array.isArray(value)) return true
  return plainObject.accepts(value) && typeof (value as Readonly<Record<string, unknown>>)['kind'] !== 'string'
}

export function isMapValue(value: unknown): value is MapValue {
  return mapValue.accepts(value)
}
