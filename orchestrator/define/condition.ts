import type { Literal, Predicate, Test } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { definitionOf, type Definition } from './definition.ts'
import type { entityOf } from './map-value.ts'
import { like, listOf, literal, made, plainObject } from './shape.ts'

/** A condition on users: what `where` of an audience takes. */
export interface Condition<Entity extends string = string> {
  readonly kind: 'condition'
  readonly predicate: Predicate
  /** The traits and audiences that it reads. */
  readonly refs: readonly Definition[]
  readonly [entityOf]?: Entity
}

export const conditionShape = like(
  made('a condition', 'condition', {
    predicate: plainObject,
    refs: listOf('definitions', definitionOf('trait', 'audience')),
  }),
  "tier.is('gold') or loyal.includes()",
)
const operands = { conditions: listOf('conditions', conditionShape) }

function condition<Entity extends string>(predicate: Predicate, refs: readonly Definition[]): Condition<Entity> {
  return Object.freeze({ kind: 'condition', predicate: Object.freeze(predicate), refs: Object.freeze(refs) })
}

function references(conditions: readonly Condition[]): Definition[] {
  return [...new Set(conditions.flatMap((part) => part.refs))]
}

/** True for users for whom every condition is; `all()` is true for everyone. */
export function all<Entity extends string = never>(...conditions: readonly Condition<Entity>[]): Condition<Entity> {
  checkArguments('all', operands, { conditions })
  return condition({ op: 'all', of: conditions.map((part) => part.predicate) }, references(conditions))
}

/** True for users for whom at least one condition is; `any()` is true for nobody. */
export function any<Entity extends string = never>(...conditions: readonly Condition<Entity>[]): Condition<Entity> {
  checkArguments('any', operands, { conditions })
  return condition({ op: 'any', of: conditions.map((part) => part.predicate) }, references(conditions))
}

/** True for exactly the users of the population for whom the condition is not: those whose trait is null included. */
export function not<Entity extends string>(negated: Condition<Entity>): Condition<Entity> {
  checkArguments('not', { condition: conditionShape }, { condition: negated })
  return condition({ op: 'not', of: negated.predicate }, negated.refs)
}

type Referable = Definition & { readonly key: `${'trait' | 'audience'}/${string}` }

const compared = { value: literal, from: literal, to: literal, values: listOf('values', literal) }

/** Whether a value fits the trait's type is checked when the project is compiled. */
export function compare<Entity extends string>(trait: Referable, test: Test): Condition<Entity> {
  const { is: _, ...values } = test
  const shapes = Object.fromEntries(Object.entries(compared).filter(([name]) => name in values))
  checkArguments(`a comparison with ${trait.key}`, shapes, values)
  return condition({ op: 'compare', trait: trait.key, test: Object.freeze(test) }, [trait])
}

export function inAudience<Entity extends string>(audience: Referable): Condition<Entity> {
  return condition({ op: 'in_audience', audience: audience.key }, [audience])
}

/** Comparisons that every trait has. A null trait is unlike every value: only `isNull` is true of it. */
export const traitMethods = Object.freeze({
  isNull(this: Referable) {
    return compare(this, { is: 'null' })
  },
  isNotNull(this: Referable) {
    return compare(this, { is: 'not_null' })
  },
  eq(this: Referable, value: Literal) {
    return compare(this, { is: 'eq', value })
  },
  ne(this: Referable, value: Literal) {
    return compare(this, { is: 'ne', value })
  },
  is(this: Referable, value: Literal) {
    return compare(this, { is: 'eq', value })
  },
  isNot(this: Referable, value: Literal) {
    return compare(this, { is: 'ne', value })
  },
  in(this: Referable, ...values: readonly Literal[]) {
    return compare(this, { is: 'in', values: Object.freeze(values) })
  },
  notIn(this: Referable, ...values: readonly Literal[]) {
    return compare(this, { is: 'not_in', values: Object.freeze(values) })
  },
})

export const booleanMethods = Object.freeze({
  ...traitMethods,
  isTrue(this: Referable) {
    return compare(this, { is: 'eq', value: true })
  },
  isFalse(this: Referable) {
    return compare(this, { is: 'eq', value: false })
  },
})

export const continuousMethods = Object.freeze({
  ...traitMethods,
  gt(this: Referable, value: number) {
    return compare(this, { is: 'gt', value })
  },
  gte(this: Referable, value: number) {
    return compare(this, { is: 'gte', value })
  },
  lt(this: Referable, value: number) {
    return compare(this, { is: 'lt', value })
  },
  lte(this: Referable, value: number) {
    return compare(this, { is: 'lte', value })
  },
  between(this: Referable, from: number, to: number) {
    return compare(this, { is: 'between', from, to })
  },
})
