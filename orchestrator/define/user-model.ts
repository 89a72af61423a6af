import type { AssetKey } from '../contract/index.ts'
import { assetInfo, branded, type AssetInfo, type AssetOptions, type Definition } from './definition.ts'
import type { Entity } from './entity.ts'
import { locationOfCall } from './location.ts'
import type { entityOf } from './map-value.ts'
import type { Trait } from './trait.ts'

/** The tuple of an entity's traits: a table with one row a user and one column a trait. */
export interface UserModel<Of extends string = string> extends Definition, AssetInfo {
  readonly kind: 'user_model'
  readonly key: AssetKey
  readonly entity: Entity
  readonly traits: readonly Trait<Of>[]
  readonly [entityOf]?: Of
}

/**
 * The user model: everyone in the population, with these traits.
 *
 * ```ts
 * userModel('customer', { of: customer, traits: [lifetimeValue, valueTier] })
 * ```
 */
export function userModel<Of extends string>(
  name: string,
  options: AssetOptions & { readonly of: Entity<Of>; readonly traits: readonly Trait<NoInfer<Of>>[] },
): UserModel<Of> {
  return branded(
    {
      kind: 'user_model' as const,
      name,
      key: `user_model/${name}` as const,
      ...assetInfo(options),
      entity: options.of,
      traits: Object.freeze([...options.traits]),
      refs: Object.freeze([options.of, ...options.traits]),
      definedAt: locationOfCall(userModel),
    },
    {},
  )
}
