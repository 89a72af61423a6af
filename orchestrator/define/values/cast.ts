import { columnTypes, type ColumnType } from '../../contract/index.ts'
import { checkArguments } from '../check.ts'
import type { IdentifiesUsers } from '../entity.ts'
import type { EntityOf, FilledBy, FillsOf, MapValue } from '../map-value.ts'
import { like, oneOf } from '../shape.ts'
import { mapValue } from './shapes.ts'

export interface Cast<Entity extends string = string, Fills = unknown> extends MapValue<Entity, Fills> {
  readonly kind: 'cast'
  readonly value: MapValue
  readonly to: ColumnType
}

/** The key, whatever its type, still identifies a user. */
type Still<Value, Fills> = FillsOf<Value> extends IdentifiesUsers ? Fills & IdentifiesUsers : Fills

/**
 * A value as another type. Null stays null; a row whose value has no reading of that type is rejected with
 * `CAST_FAILED`.
 *
 * | to | from |
 * |---|---|
 * | `text` | anything; objects and lists as JSON |
 * | `integer` | numbers and texts of numbers, rounded half away from zero; true as 1 |
 * | `number` | texts of numbers; true as 1 |
 * | `boolean` | true, t, yes, y, on, 1 and their opposites; 0 as false, other numbers as true |
 * | `timestamp` | ISO 8601, in UTC where no zone is said; numbers as seconds since 1970 |
 * | `date` | the same, and its day in UTC |
 * | `json` | texts of JSON: objects, lists |
 *
 * ```ts
 * map: { phone: cast(customers.column('phone_digits'), 'text'), tags: cast(customers.column('tags_json'), 'json') }
 * ```
 */
export function cast<Value extends MapValue, const To extends ColumnType>(
  value: Value,
  to: To,
): Cast<EntityOf<Value>, Still<Value, FilledBy<To>>> {
  checkArguments('cast', { value: mapValue, to: like(oneOf(columnTypes), "'integer'") }, { value, to })
  return Object.freeze({ kind: 'cast', valueType: to, value, to })
}
