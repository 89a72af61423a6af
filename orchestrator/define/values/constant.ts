import type { JsonValue } from '../../contract/index.ts'
import { checkArguments } from '../check.ts'
import type { FilledBy, MapValue, ValueType } from '../map-value.ts'
import { json } from '../shape.ts'
import { isMapValue } from './shapes.ts'

export interface Constant<Fills = unknown> extends MapValue<never, Fills> {
  readonly kind: 'constant'
  readonly value: JsonValue
}

export type ConstantFills<Value> = Value extends string
  ? FilledBy<'text_constant'>
  : Value extends number
    ? `${Value}` extends `${bigint}`
      ? FilledBy<'integer'>
      : FilledBy<'number'>
    : Value extends boolean
      ? FilledBy<'boolean'>
      : FilledBy<'json_constant'>

/**
 * The same value in every row.
 *
 * ```ts
 * map: { source: constant('warehouse'), active: constant(true) }
 * ```
 */
export function constant<const Value extends JsonValue>(value: Value): Constant<ConstantFills<Value>> {
  checkArguments('constant', { value: json }, { value })
  return Object.freeze({ kind: 'constant', valueType: constantType(value), value })
}

function constantType(value: JsonValue): ValueType {
  if (value === null) return 'unknown'
  if (typeof value === 'string') return 'text_constant'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value === 'boolean' ? 'boolean' : 'json_constant'
}

/** What stands for itself in a list of values, as a constant. */
export function asValue(value: MapValue | JsonValue): MapValue {
  return isMapValue(value) ? value : constant(value)
}
