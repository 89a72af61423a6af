import type { AdIdentifierKind, AdPlatform } from './ad-identifiers.ts'
import type { AssetKey } from './asset-key.ts'
import type { ColumnType } from './column.ts'
import type { JsonValue } from './json.ts'

/** What of a row a value reads: the entity's key, a trait, or a column of a table that has the entity's key. */
export type MappedReference =
  | { readonly type: 'key' }
  | { readonly type: 'trait'; readonly trait: AssetKey }
  | { readonly type: 'column'; readonly asset: AssetKey; readonly column: string; readonly of: ColumnType }

/** A Liquid template; each variable is something of the row. */
export interface MappedTemplate {
  readonly type: 'template'
  readonly template: string
  readonly variables: Readonly<Record<string, MappedReference>>
}

/** The same value as another type, the row rejected where it cannot be one. */
export interface MappedCast {
  readonly type: 'cast'
  readonly value: MappedValue
  readonly to: ColumnType
}

/** An e-mail address, a phone number, a name ..., written and hashed as an advertising platform asks for it. */
export interface MappedIdentifier {
  readonly type: 'identifier'
  readonly value: MappedValue
  readonly as: AdIdentifierKind
  readonly for: AdPlatform
  /** Of phone numbers without a country code, regions and postal codes; a value, for it may differ from row to row. */
  readonly country?: MappedValue
  /** What becomes of a row whose value is none of its kind: it is rejected, or sent without it. */
  readonly invalid: 'reject' | 'null'
}

/** The first of these that is not null. */
export interface MappedCoalesce {
  readonly type: 'coalesce'
  readonly values: readonly MappedValue[]
}

/** What stands beside the value's text; `otherwise` for a text that is not there, and for null. */
export interface MappedChoice {
  readonly type: 'choice'
  readonly value: MappedValue
  readonly cases: Readonly<Record<string, MappedValue>>
  readonly otherwise: MappedValue
}

export interface MappedObject {
  readonly type: 'object'
  readonly fields: Readonly<Record<string, MappedValue>>
}

export interface MappedList {
  readonly type: 'list'
  readonly items: readonly MappedValue[]
}

/** Of the sync run, not of the row: when it began, its id, the sync's name. It makes no row differ from what was sent. */
export interface MappedBookkeeping {
  readonly type: 'bookkeeping'
  readonly what: 'synced_at' | 'run' | 'sync'
}

/** What a destination's field is filled with. */
export type MappedValue =
  | MappedReference
  | { readonly type: 'constant'; readonly value: JsonValue }
  | MappedTemplate
  | MappedCast
  | MappedIdentifier
  | MappedCoalesce
  | MappedChoice
  | MappedObject
  | MappedList
  | MappedBookkeeping

export type MappedValueOf<Type extends MappedValue['type']> = Extract<MappedValue, { readonly type: Type }>

export interface FieldMapping {
  readonly field: string
  readonly value: MappedValue
  /** Where the value is null the field is left out, so that the destination keeps what it has. */
  readonly ignoreNull?: boolean
}

type Parts = { readonly [Type in MappedValue['type']]: (value: MappedValueOf<Type>) => readonly MappedValue[] }

const parts: Parts = {
  key: () => [],
  trait: () => [],
  column: () => [],
  constant: () => [],
  bookkeeping: () => [],
  template: ({ variables }) => Object.values(variables),
  cast: ({ value }) => [value],
  identifier: ({ value, country }) => (country === undefined ? [value] : [value, country]),
  coalesce: ({ values }) => values,
  choice: ({ value, cases, otherwise }) => [value, ...Object.values(cases), otherwise],
  object: ({ fields }) => Object.values(fields),
  list: ({ items }) => items,
}

/** The values that a value is made of. */
export function partsOf(value: MappedValue): readonly MappedValue[] {
  return (parts[value.type] as (value: MappedValue) => readonly MappedValue[])(value)
}

/** A value and all that it is made of, at any depth, in order. */
export function valuesWithin(value: MappedValue): readonly MappedValue[] {
  return [value, ...partsOf(value).flatMap(valuesWithin)]
}

/** What of the row a value reads, each as often as it is read. */
export function referencesIn(value: MappedValue): readonly MappedReference[] {
  return valuesWithin(value).filter((part): part is MappedReference => ['key', 'trait', 'column'].includes(part.type))
}

/** Whether nothing but the entity's key decides it, so that it is known of a row that has left the source. */
export function isKeyAlone(value: MappedValue): boolean {
  return !valuesWithin(value).some(({ type }) => type === 'trait' || type === 'column' || type === 'bookkeeping')
}
