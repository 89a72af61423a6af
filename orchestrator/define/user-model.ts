import type { AssetKey } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import {
  assetInfo,
  assetOptions,
  branded,
  definitionOf,
  type AssetInfo,
  type AssetOptions,
  type Definition,
} from './definition.ts'
import type { Entity } from './entity.ts'
import { locationOfCall } from './location.ts'
import { partitionInfo, partitionOptions, type PartitionInfo, type PartitionOptions } from './partitions.ts'
import type { entityOf } from './map-value.ts'
import { like, listOf, type Shapes } from './shape.ts'
import type { Trait } from './trait.ts'

/** The tuple of an entity's traits: a table with one row a user and one column a trait. */
export interface UserModel<Of extends string = string> extends Definition, AssetInfo, PartitionInfo {
  readonly kind: 'user_model'
  readonly key: AssetKey
  readonly entity: Entity
  readonly traits: readonly Trait<Of>[]
  readonly [entityOf]?: Of
}

const userModelOptions = {
  ...assetOptions,
  ...partitionOptions,
  of: like(definitionOf('entity'), 'of: customer'),
  traits: like(listOf('traits', definitionOf('trait')), 'traits: [lifetimeValue, valueTier]'),
} satisfies Shapes<Parameters<typeof userModel>[1]>

/**
 * The user model: everyone in the population, with these traits.
 *
 * ```ts
 * userModel('customer', { of: customer, traits: [lifetimeValue, valueTier] })
 * ```
 */
export function userModel<Of extends string>(
  name: string,
  options: AssetOptions &
    PartitionOptions & { readonly of: Entity<Of>; readonly traits: readonly Trait<NoInfer<Of>>[] },
): UserModel<Of> {
  checkDefinition('user_model', name, options, userModelOptions)
  return branded(
    {
      kind: 'user_model' as const,
      name,
      key: `user_model/${name}` as const,
      ...assetInfo(options),
      ...partitionInfo(options),
      entity: options.of,
      traits: Object.freeze([...options.traits]),
      refs: Object.freeze([options.of, ...options.traits]),
      definedAt: locationOfCall(userModel),
    },
    {},
  )
}
