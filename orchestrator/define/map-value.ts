import { columnTypes, type ColumnType } from '../contract/index.ts'

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
  text: ['text', 'json'],
  timestamp: ['timestamp', 'text', 'json'],
  date: ['date', 'text', 'json'],
  json: ['json'],
  text_key: ['text', 'json'],
  integer_key: ['integer', 'number', 'text', 'json'],
  template: ['text'],
  text_constant: ['text', 'date', 'timestamp', 'json'],
  json_constant: ['json'],
  /** Of a column whose type nobody stated, and of null. */
  unknown: columnTypes,
} as const satisfies Record<string, readonly ColumnType[]>

export type ValueType = keyof typeof fieldsFilledBy

/** In words, since the compiler quotes them: "Property 'fills number fields' is missing in type ...". */
export type FillsField<Type extends string> = { readonly [T in Type as `fills ${T} fields`]: true }

/** One alternative for each type of value. */
export type FilledBy<Value extends ValueType> = Value extends ValueType
  ? FillsField<(typeof fieldsFilledBy)[Value][number]>
  : never

export const valueKinds = [
  'key',
  'trait',
  'column',
  'constant',
  'template',
  'cast',
  'identifier',
  'coalesce',
  'choice',
  'bookkeeping',
  'object',
  'list',
] as const

/** What a destination's field may be filled with: the entity's key, a trait, a column, a constant, a template ... */
export interface MapValue<Entity extends string = string, Fills = unknown> {
  readonly kind: (typeof valueKinds)[number]
  readonly valueType: ValueType
  readonly [entityOf]?: Entity
  readonly [fills]?: Fills
}

/** The entity that a value is about; never for one that is about none, such as a constant. */
export type EntityOf<Value> = Value extends { readonly [entityOf]?: infer Entity } ? Extract<Entity, string> : never

export type FillsOf<Value> = Value extends { readonly [fills]?: infer Fills } ? Exclude<Fills, undefined> : never
