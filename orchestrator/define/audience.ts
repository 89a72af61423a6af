import { checkDefinition } from './check.ts'
import { conditionShape, inAudience, type Condition } from './condition.ts'
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
import { like, type Shapes } from './shape.ts'

/** The users of a population for whom a condition holds. */
export interface Audience<Of extends string = string> extends Definition, AssetInfo, PartitionInfo {
  readonly kind: 'audience'
  readonly key: `audience/${string}`
  readonly entity: Entity
  readonly where: Condition<Of>
  /** The condition of being one of its members. */
  includes(): Condition<Of>
  readonly [entityOf]?: Of
}

const methods = Object.freeze({
  includes(this: Audience) {
    return inAudience(this)
  },
})

const audienceOptions = {
  ...assetOptions,
  ...partitionOptions,
  of: like(definitionOf('entity'), 'of: customer'),
  where: like(conditionShape, "where: tier.is('gold')"),
} satisfies Shapes<Parameters<typeof audience>[1]>

/**
 * An audience.
 *
 * ```ts
 * const atRisk = audience('at_risk', { of: customer, where: all(tier.is('gold'), churn.gte(0.5)) })
 * const calm = audience('calm', { of: customer, where: not(atRisk.includes()) })
 * ```
 */
export function audience<Of extends string>(
  name: string,
  options: AssetOptions & PartitionOptions & { readonly of: Entity<Of>; readonly where: Condition<NoInfer<Of>> },
): Audience<Of> {
  checkDefinition('audience', name, options, audienceOptions)
  return branded(
    {
      kind: 'audience' as const,
      name,
      key: `audience/${name}` as const,
      ...assetInfo(options),
      ...partitionInfo(options),
      entity: options.of,
      where: options.where,
      refs: Object.freeze([options.of, ...options.where.refs]),
      definedAt: locationOfCall(audience),
    },
    methods,
  ) as unknown as Audience<Of>
}
