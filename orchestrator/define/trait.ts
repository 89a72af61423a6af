import type { SourceLocation, TraitType } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { columnRef, type columnsOf, type ColumnRef, type Holds, type holds, type OpenColumn } from './column.ts'
import { booleanMethods, continuousMethods, traitMethods, type Condition } from './condition.ts'
import {
  assetInfo,
  assetOptions,
  branded,
  definitionOf,
  type AssetInfo,
  type AssetOptions,
  type Definition,
} from './definition.ts'
import { partitionInfo, partitionOptions, type PartitionInfo, type PartitionOptions } from './partitions.ts'
import type { Entity, KeyType } from './entity.ts'
import { locationOfCall } from './location.ts'
import type { FilledBy, MapValue, ValueType } from './map-value.ts'
import { either, flag, like, listOf, number, optional, text, type Shapes } from './shape.ts'
import { sqlText, type Sql } from './sql.ts'

/** A characteristic of a user, whatever its type. */
export interface Trait<Of extends string = string, Fills = unknown>
  extends Definition, AssetInfo, PartitionInfo, MapValue<Of, Fills> {
  readonly kind: 'trait'
  readonly key: `trait/${string}`
  readonly entity: Entity
  readonly type: TraitType
  readonly from: ColumnRef | OpenColumn | Sql
  readonly pii: boolean
  /** Users who have no value. */
  isNull(): Condition<Of>
  isNotNull(): Condition<Of>
}

export interface BooleanTrait<Of extends string = string> extends Trait<Of, FilledBy<'boolean'>> {
  isTrue(): Condition<Of>
  isFalse(): Condition<Of>
  is(value: boolean): Condition<Of>
  isNot(value: boolean): Condition<Of>
  eq(value: boolean): Condition<Of>
  ne(value: boolean): Condition<Of>
}

export interface ContinuousTrait<Of extends string = string, Integer extends boolean = boolean> extends Trait<
  Of,
  FilledBy<Integer extends true ? 'integer' : 'number'>
> {
  eq(value: number): Condition<Of>
  ne(value: number): Condition<Of>
  gt(value: number): Condition<Of>
  gte(value: number): Condition<Of>
  lt(value: number): Condition<Of>
  lte(value: number): Condition<Of>
  /** Both ends included. */
  between(from: number, to: number): Condition<Of>
  in(...values: readonly number[]): Condition<Of>
  notIn(...values: readonly number[]): Condition<Of>
}

export interface CategoricalTrait<Of extends string = string, Category extends string = string> extends Trait<
  Of,
  FilledBy<'category'>
> {
  is(value: Category): Condition<Of>
  isNot(value: Category): Condition<Of>
  eq(value: Category): Condition<Of>
  ne(value: Category): Condition<Of>
  in(...values: readonly Category[]): Condition<Of>
  notIn(...values: readonly Category[]): Condition<Of>
}

/**
 * Where a trait's values come from: a column of a table that has the entity's key, or SQL that selects the key and a
 * column named `value`.
 */
export type TraitFrom<Column extends string, Type extends KeyType, Words> = {
  readonly kind: 'column' | 'sql'
  readonly [holds]?: Words
  readonly [columnsOf]?: { readonly [Name in Column]: Type }
}

interface TraitOptions<Name extends string, Column extends string, Type extends KeyType, Words>
  extends AssetOptions, PartitionOptions {
  /** Whom it is about. */
  readonly of: Entity<Name, Column, Type>
  readonly from: TraitFrom<NoInfer<Column>, NoInfer<Type>, Words>
  /** Holds personal data: masked wherever values are shown. */
  readonly pii?: boolean
}

export interface ContinuousOptions<Integer extends boolean> {
  /** `USD`, `days` ...: shown beside values. */
  readonly unit?: string
  /** A value out of range fails the materialisation. */
  readonly min?: number
  readonly max?: number
  /** Decimal digits that matter; default 6, and 0 for integers. */
  readonly precision?: number
  readonly integer?: Integer
}

export interface CategoricalOptions<Category extends string> {
  /** All values that it may have; another one fails the materialisation. */
  readonly categories: readonly Category[]
}

const traitOptions = {
  ...assetOptions,
  ...partitionOptions,
  of: like(definitionOf('entity'), 'of: customer'),
  from: like(either(columnRef, sqlText), "from: customers.column('orders')"),
  pii: optional(flag),
} satisfies Shapes<Parameters<typeof boolean>[1]>

const continuousOptions = {
  ...traitOptions,
  unit: optional(text),
  min: optional(number),
  max: optional(number),
  precision: optional(number),
  integer: optional(flag),
} satisfies Shapes<Parameters<typeof continuous>[1]>

const categoricalOptions = {
  ...traitOptions,
  categories: like(listOf('texts', text), "categories: ['gold', 'silver']"),
} satisfies Shapes<Parameters<typeof categorical>[1]>

function boolean<Name extends string, Column extends string, Type extends KeyType>(
  name: string,
  options: TraitOptions<Name, Column, Type, Holds<'boolean'>>,
): BooleanTrait<Name> {
  checkDefinition('trait', name, options, traitOptions)
  const data = traitData(name, options, { type: 'boolean' }, 'boolean', locationOfCall(boolean))
  return branded(data, booleanMethods) as unknown as BooleanTrait<Name>
}

function continuous<
  Name extends string,
  Column extends string,
  Type extends KeyType,
  const Integer extends boolean = false,
>(
  name: string,
  options: TraitOptions<Name, Column, Type, Holds<'number'>> & ContinuousOptions<Integer>,
): ContinuousTrait<Name, Integer> {
  checkDefinition('trait', name, options, continuousOptions)
  const integer = options.integer ?? false
  const type: TraitType = {
    type: 'continuous',
    unit: options.unit ?? null,
    min: options.min ?? null,
    max: options.max ?? null,
    precision: options.precision ?? (integer ? 0 : 6),
    integer,
  }
  const data = traitData(name, options, type, integer ? 'integer' : 'number', locationOfCall(continuous))
  return branded(data, continuousMethods) as unknown as ContinuousTrait<Name, Integer>
}

function categorical<Name extends string, Column extends string, Type extends KeyType, const Category extends string>(
  name: string,
  options: TraitOptions<Name, Column, Type, Holds<'text'>> & CategoricalOptions<Category>,
): CategoricalTrait<Name, Category> {
  checkDefinition('trait', name, options, categoricalOptions)
  const type: TraitType = { type: 'categorical', categories: Object.freeze([...options.categories]) }
  const data = traitData(name, options, type, 'category', locationOfCall(categorical))
  return branded(data, traitMethods) as unknown as CategoricalTrait<Name, Category>
}

function traitData(
  name: string,
  options: AssetOptions & PartitionOptions & { readonly of: unknown; readonly from: unknown; readonly pii?: boolean },
  type: TraitType,
  valueType: ValueType,
  definedAt: SourceLocation | null,
): object {
  const entity = options.of as Entity
  const from = options.from as Trait['from']
  return {
    kind: 'trait',
    name,
    key: `trait/${name}`,
    ...assetInfo(options),
    ...partitionInfo(options, from.kind === 'sql' ? from.reads : []),
    entity,
    type: Object.freeze(type),
    valueType,
    from,
    pii: options.pii ?? false,
    refs: Object.freeze([entity, ...(from.kind === 'sql' ? from.refs : [from.table])]),
    definedAt,
  }
}

/**
 * Traits: what characterises a user.
 *
 * ```ts
 * const ltv = trait.continuous('ltv', { of: customer, from: customers.column('lifetime_value'), unit: 'USD', min: 0 })
 * const tier = trait.categorical('tier', { of: customer, categories: ['gold', 'silver'], from: sql`...` })
 * const repeat = trait.boolean('repeat', { of: customer, from: sql`select customer_id, orders > 1 as value from ${customers}` })
 * ```
 *
 * A trait has the comparisons that its type allows: `ltv.gte(100)`, `tier.is('gold')`, `repeat.isTrue()`.
 */
export const trait = Object.freeze({ boolean, continuous, categorical })
