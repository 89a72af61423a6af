import type { AssetKey } from './asset-key.ts'

/**
 * Audience predicates as plain JSON: one language for TypeScript, API and UI.
 *
 * A comparison with a trait that is null is false, never unknown, so that `not` is the plain complement
 * within the audience's population.
 */
export type Predicate = AllOf | AnyOf | Not | Compare | InAudience

export interface AllOf {
  readonly op: 'all'
  readonly of: readonly Predicate[]
}

export interface AnyOf {
  readonly op: 'any'
  readonly of: readonly Predicate[]
}

export interface Not {
  readonly op: 'not'
  readonly of: Predicate
}

export type Literal = string | number | boolean

export interface Compare {
  readonly op: 'compare'
  readonly trait: AssetKey
  readonly test: Test
}

/** What a trait's value is held against. `between` includes both ends. */
export type Test =
  | { readonly is: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'; readonly value: Literal }
  | { readonly is: 'between'; readonly from: number; readonly to: number }
  | { readonly is: 'in' | 'not_in'; readonly values: readonly Literal[] }
  | { readonly is: 'null' | 'not_null' }

export interface InAudience {
  readonly op: 'in_audience'
  readonly audience: AssetKey
}

/** Every trait and audience that a predicate reads, each once, in order of appearance. */
export function predicateRefs(predicate: Predicate): AssetKey[] {
  const refs = new Set<AssetKey>()
  const visit = (node: Predicate): void => {
    if (node.op === 'compare') refs.add(node.trait)
    else if (node.op === 'in_audience') refs.add(node.audience)
    else if (node.op === 'not') visit(node.of)
    else node.of.forEach(visit)
  }
  visit(predicate)
  return [...refs]
}
