import { isDefinition, type Definition } from '../definition.ts'
import type { ColumnRef } from '../column.ts'
import type { FilledBy, MapValue } from '../map-value.ts'
import type { Bookkeeping } from './bookkeeping.ts'
import type { Cast } from './cast.ts'
import type { Choice, Coalesce } from './choices.ts'
import type { Constant } from './constant.ts'
import type { AdIdentifier } from './identifiers.ts'
import { isMapValue } from './shapes.ts'
import type { Template } from './template.ts'

/** A value, or an object or a list of them, at any depth. */
export type Nested<Entity extends string = string> =
  MapValue<Entity> | readonly Nested<Entity>[] | { readonly [field: string]: Nested<Entity> | undefined }

export interface ObjectOfValues extends MapValue<string, FilledBy<'json'>> {
  readonly kind: 'object'
  readonly fields: Readonly<Record<string, MapValue>>
}

export interface ListOfValues extends MapValue<string, FilledBy<'json'>> {
  readonly kind: 'list'
  readonly items: readonly MapValue[]
}

/** Object literals and lists as values. Members without a value are as if they were not there. */
export function fromNested(value: Nested): MapValue {
  if (isMapValue(value)) return value
  if (Array.isArray(value)) {
    const items = (value as readonly Nested[]).map(fromNested)
    return Object.freeze({ kind: 'list', valueType: 'json', items: Object.freeze(items) } satisfies ListOfValues)
  }
  return objectOf(
    Object.entries(value as Readonly<Record<string, Nested | undefined>>).flatMap(([name, part]) =>
      part === undefined ? [] : [[name, fromNested(part)] as const],
    ),
  )
}

export function objectOf(entries: readonly (readonly [string, MapValue])[]): ObjectOfValues {
  return Object.freeze({ kind: 'object', valueType: 'json', fields: Object.freeze(Object.fromEntries(entries)) })
}

/** Values by their kinds, as they are made. */
export interface ValueOf {
  key: MapValue
  trait: MapValue & Definition
  column: ColumnRef
  constant: Constant
  template: Template
  cast: Cast
  identifier: AdIdentifier
  coalesce: Coalesce
  choice: Choice
  bookkeeping: Bookkeeping
  object: ObjectOfValues
  list: ListOfValues
}

type Parts = { readonly [Kind in keyof ValueOf]: (value: ValueOf[Kind]) => readonly MapValue[] }

const parts: Parts = {
  key: () => [],
  trait: () => [],
  column: () => [],
  constant: () => [],
  bookkeeping: () => [],
  template: ({ variables }) => Object.values(variables),
  cast: ({ value }) => [value],
  identifier: ({ value, country }) => (country === null ? [value] : [value, country]),
  coalesce: ({ values }) => values,
  choice: ({ value, cases, otherwise }) => [value, ...Object.values(cases), otherwise],
  object: ({ fields }) => Object.values(fields),
  list: ({ items }) => items,
}

/** A value and all that it is made of. */
export function valuesIn(value: MapValue): readonly MapValue[] {
  const within = (parts[value.kind] as (value: MapValue) => readonly MapValue[])(value)
  return [value, ...within.flatMap(valuesIn)]
}

/** The definitions that a value reads: traits, and the tables of columns. */
export function definitionsIn(value: MapValue): readonly Definition[] {
  return valuesIn(value).flatMap((part) => {
    if (isDefinition(part)) return [part]
    return part.kind === 'column' ? [(part as ColumnRef).table] : []
  })
}
