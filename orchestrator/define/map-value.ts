import type { ColumnType, JsonValue } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { definitionOf, type Definition } from './definition.ts'
import { either, json, like, made, oneOf, recordOf, text } from './shape.ts'

/** Exists for the compiler alone: the name of the entity that a value belongs to. */
export declare const entityOf: unique symbol
/** Exists for the compiler alone: which fields a value can fill, in words that make an error readable. */
declare const fills: unique symbol

/** Which types of fields each type of value can fill. An integer is a number, and most things can be written as text. */
export const fieldsFilledBy = {
  boolean: ['boolean', 'text', 'json'],
  integer: ['integer', 'number', 'json'],
  number: ['number', 'json'],
  category: ['text', 'json'],
  text_key: ['text', 'json'],
  integer_key: ['integer', 'number', 'text', 'json'],
  template: ['text'],
  text_constant: ['text', 'date', 'timestamp', 'json'],
  json_constant: ['json'],
} as const satisfies Record<string, readonly ColumnType[]>

export type ValueType = keyof typeof fieldsFilledBy

const valueType = oneOf(Object.keys(fieldsFilledBy))
const reference = either(made('the key of an entity', 'key', { valueType }), definitionOf('trait'))
const variablesShape = recordOf('keys of entities and traits', like(reference, 'customer.key or lifetimeValue'))

export const mapValue = like(
  either(
    reference,
    made('a constant', 'constant', { valueType, value: json }),
    made('a template', 'template', { valueType, template: text, variables: variablesShape }),
  ),
  "customer.key, a trait, constant('web') or template('...')",
)

/** In words, since the compiler quotes them: "Property 'fills number fields' is missing in type ...". */
export type FillsField<Type extends string> = { readonly [T in Type as `fills ${T} fields`]: true }

/** One alternative for each type of value. */
export type FilledBy<Value extends ValueType> = Value extends ValueType
  ? FillsField<(typeof fieldsFilledBy)[Value][number]>
  : never

/** What a destination's field may be filled with: the entity's key, a trait, a constant or a template. */
export interface MapValue<Entity extends string = string, Fills = unknown> {
  readonly kind: 'key' | 'trait' | 'constant' | 'template'
  readonly valueType: ValueType
  readonly [entityOf]?: Entity
  readonly [fills]?: Fills
}

export interface Constant<Fills = unknown> extends MapValue<never, Fills> {
  readonly kind: 'constant'
  readonly value: JsonValue
}

type ConstantFills<Value> = Value extends string
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
  if (typeof value === 'string') return 'text_constant'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value === 'boolean' ? 'boolean' : 'json_constant'
}

export interface Template<Entity extends string = string> extends MapValue<Entity, FilledBy<'template'>> {
  readonly kind: 'template'
  readonly template: string
  readonly variables: Readonly<Record<string, TemplateVariable<Entity>>>
}

/** What a template's variable may stand for: the entity's key, or a trait. */
export type TemplateVariable<Entity extends string = string> = MapValue<Entity> &
  ({ readonly kind: 'key' } | (Definition & { readonly kind: 'trait' }))

/**
 * Text made by a Liquid template. Each variable is the entity's key or a trait; one that the text uses and `variables`
 * lacks is reported when the project is compiled.
 *
 * ```ts
 * template('{{ id }} has spent {{ spent | round: 2 }}', { id: customer.key, spent: lifetimeValue })
 * ```
 */
export function template(liquid: string): Template<never>
export function template<Entity extends string>(
  liquid: string,
  variables: Readonly<Record<string, TemplateVariable<Entity>>>,
): Template<Entity>
export function template(liquid: string, variables: Readonly<Record<string, TemplateVariable>> = {}): Template {
  checkArguments('template', { text, variables: variablesShape }, { text: liquid, variables })
  return Object.freeze({
    kind: 'template',
    valueType: 'template',
    template: liquid,
    variables: Object.freeze({ ...variables }),
  })
}
