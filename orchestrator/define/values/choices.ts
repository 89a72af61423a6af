import type { JsonValue } from '../../contract/index.ts'
import { checkArguments } from '../check.ts'
import type { EntityOf, FillsOf, MapValue } from '../map-value.ts'
import { like, listOf, optional, recordOf } from '../shape.ts'
import { asValue, type ConstantFills } from './constant.ts'
import { mapValue, valueOrLiteral } from './shapes.ts'

/** A value, or plain data that stands for itself. */
export type ValueOrLiteral = MapValue | JsonValue

/** Null fills whatever may be null. */
type Fills<Part> = Part extends MapValue ? FillsOf<Part> : Part extends null ? never : ConstantFills<Part>
type About<Part> = Part extends MapValue ? EntityOf<Part> : never

export interface Coalesce<Entity extends string = string, Of = unknown> extends MapValue<Entity, Of> {
  readonly kind: 'coalesce'
  readonly values: readonly MapValue[]
}

/**
 * The first of these that is not null; plain data stands for itself, which makes it a default.
 *
 * ```ts
 * map: { tier: coalesce(tier, 'none'), email: coalesce(customers.column('work_email'), customers.column('email')) }
 * ```
 */
export function coalesce<const Parts extends readonly [MapValue, ...ValueOrLiteral[]]>(
  ...values: Parts
): Coalesce<About<Parts[number]>, Fills<Parts[number]>> {
  checkArguments('coalesce', { values: like(listOf('values', valueOrLiteral), "tier, 'none'") }, { values })
  const parts = values as readonly ValueOrLiteral[]
  return Object.freeze({ kind: 'coalesce', valueType: 'unknown', values: Object.freeze(parts.map(asValue)) })
}

export interface Choice<Entity extends string = string, Of = unknown> extends MapValue<Entity, Of> {
  readonly kind: 'choice'
  readonly value: MapValue
  readonly cases: Readonly<Record<string, MapValue>>
  readonly otherwise: MapValue
}

/**
 * What stands beside the value: a lookup. A value that is not listed, or null, becomes `otherwise`, which is null where
 * it is not given.
 *
 * ```ts
 * map: { plan: choose(tier, { vip: 'gold', regular: 'silver' }, 'bronze'), greeting: choose(vip, { true: 'Dear', false: 'Hi' }) }
 * ```
 */
export function choose<
  Value extends MapValue,
  const Cases extends Readonly<Record<string, ValueOrLiteral>>,
  const Otherwise extends ValueOrLiteral = null,
>(
  value: Value,
  cases: Cases,
  otherwise?: Otherwise,
): Choice<
  EntityOf<Value> | About<Cases[keyof Cases]> | About<Otherwise>,
  Fills<Cases[keyof Cases]> | Fills<Otherwise>
> {
  checkArguments(
    'choose',
    {
      value: mapValue,
      cases: like(recordOf('values', valueOrLiteral), "{ vip: 'gold' }"),
      otherwise: optional(valueOrLiteral),
    },
    { value, cases, otherwise },
  )
  return Object.freeze({
    kind: 'choice',
    valueType: 'unknown',
    value,
    cases: Object.freeze(Object.fromEntries(Object.entries(cases).map(([text, part]) => [text, asValue(part)]))),
    otherwise: asValue(otherwise ?? null),
  })
}
