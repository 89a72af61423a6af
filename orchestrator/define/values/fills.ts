import type { ColumnType } from '../../contract/index.ts'
import { fieldsFilledBy, type MapValue } from '../map-value.ts'
import type { Choice, Coalesce } from './choices.ts'

/** The types of fields that a value fills, whichever of its alternatives it turns out to be. */
export function fieldsFilled(value: MapValue): readonly ColumnType[] {
  if (value.kind === 'coalesce') return byAll((value as Coalesce).values)
  if (value.kind === 'choice') return byAll([...Object.values((value as Choice).cases), (value as Choice).otherwise])
  return fieldsFilledBy[value.valueType]
}

function byAll(values: readonly MapValue[]): readonly ColumnType[] {
  const [first = fieldsFilledBy.unknown, ...others] = values.map(fieldsFilled)
  return first.filter((type) => others.every((types) => types.includes(type)))
}
