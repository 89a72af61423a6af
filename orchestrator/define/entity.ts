import { checkDefinition } from './check.ts'
import { branded, definitionOf, type Definition } from './definition.ts'
import type { columnsOf } from './column.ts'
import { locationOfCall } from './location.ts'
import type { FilledBy, MapValue } from './map-value.ts'
import { like, oneOf, optional, text, type Shapes } from './shape.ts'

export type KeyType = 'text' | 'integer'

/** Says in an error why a trait cannot fill the key field. */
export interface IdentifiesUsers {
  readonly 'is the key of the entity, as mirror and upsert need': true
}

/** The key of an entity, as what a destination's field is filled with. */
export interface EntityKey<Name extends string = string, Type extends KeyType = KeyType> extends MapValue<
  Name,
  FilledBy<`${Type}_key`> & IdentifiesUsers
> {
  readonly kind: 'key'
}

/** Whom traits are about: customers, accounts, devices. */
export interface Entity<
  Name extends string = string,
  Column extends string = string,
  Type extends KeyType = KeyType,
> extends Definition {
  readonly kind: 'entity'
  readonly name: Name
  readonly keyColumn: Column
  readonly keyType: Type
  readonly population: Definition | null
  readonly key: EntityKey<Name, Type>
}

/** A table that has the entity's key among its columns. */
export type KeyedTable<Column extends string, Type extends KeyType> = Definition & {
  readonly kind: 'source' | 'model' | 'notebook'
  readonly [columnsOf]?: { readonly [Name in Column]: Type }
}

const entityOptions = {
  key: like(text, "key: 'customer_id'"),
  type: optional(oneOf(['text', 'integer'])),
  population: optional(definitionOf('source', 'model', 'notebook')),
} satisfies Shapes<Parameters<typeof entity>[1]>

/**
 * Whom traits are about.
 *
 * ```ts
 * const customer = entity('customer', { key: 'customer_id', type: 'text', population: customers })
 * ```
 *
 * `key` is the column that identifies one, in every table that a trait is made from. `population` is the table that
 * lists everyone; without it, everyone is whoever has one of the traits that are read.
 */
export function entity<const Name extends string, const Column extends string, const Type extends KeyType = 'text'>(
  name: Name,
  options: {
    readonly key: Column
    readonly type?: Type
    readonly population?: KeyedTable<NoInfer<Column>, NoInfer<Type>>
  },
): Entity<Name, Column, Type> {
  checkDefinition('entity', name, options, entityOptions)
  const keyType = options.type ?? ('text' as Type)
  const population = options.population ?? null
  return branded(
    {
      kind: 'entity' as const,
      name,
      keyColumn: options.key,
      keyType,
      population,
      key: Object.freeze({ kind: 'key' as const, valueType: `${keyType}_key` as const }),
      refs: population === null ? [] : [population],
      definedAt: locationOfCall(entity),
    },
    {},
  )
}
