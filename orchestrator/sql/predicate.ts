import { sql } from 'kysely'
import {
  TraitlineError,
  type AssetKey,
  type ColumnType,
  type Compare,
  type Literal,
  type Predicate,
} from '../contract/index.ts'
import type { DialectSql, Fragment } from './dialect.ts'
import { inList, literal } from './values.ts'

/** Where a predicate finds what it refers to. */
export interface PredicateScope {
  readonly trait: (asset: AssetKey) => { readonly value: Fragment; readonly type: ColumnType }
  /** The audience's key, joined from the left: null for whoever is not in it. */
  readonly member: (audience: AssetKey) => Fragment
}

/** Nested deeper than anyone writes; engines give up at a thousand. */
const deepest = 200
const longestList = 100_000

/**
 * A condition that is true or false and never null: each comparison with null is false by itself, so that `not`,
 * `all` and `any` are those of plain logic. Literals become typed parameters.
 */
export function compilePredicate(dialect: DialectSql, predicate: Predicate, scope: PredicateScope): Fragment {
  const compileNode = (node: Predicate, depth: number): Fragment => {
    if (depth > deepest)
      throw invalid(`it is nested more than ${deepest} levels deep`, 'Flatten it: all() and any() take any number.')
    switch (node.op) {
      case 'all':
        return together(
          node.of.map((each) => compileNode(each, depth + 1)),
          ' and ',
          'true',
        )
      case 'any':
        return together(
          node.of.map((each) => compileNode(each, depth + 1)),
          ' or ',
          'false',
        )
      case 'not':
        return sql`(not ${compileNode(node.of, depth + 1)})`
      case 'in_audience':
        return sql`(${scope.member(node.audience)} is not null)`
      case 'compare':
        return compareWith(dialect, node, scope.trait(node.trait))
    }
  }
  return compileNode(predicate, 0)
}

function together(parts: readonly Fragment[], word: string, none: string): Fragment {
  return parts.length === 0 ? sql.raw(none) : sql`(${sql.join([...parts], sql.raw(word))})`
}

const operators = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

function compareWith(
  dialect: DialectSql,
  { trait, test }: Compare,
  { value, type }: { readonly value: Fragment; readonly type: ColumnType },
): Fragment {
  // A whole trait may be held against a fraction.
  const comparable = type === 'integer' ? 'number' : type
  const typed = (constant: Literal): Fragment => {
    checkType(trait, type, constant)
    return literal(dialect, constant, comparable)
  }
  switch (test.is) {
    case 'null':
      return sql`(${value} is null)`
    case 'not_null':
      return sql`(${value} is not null)`
    case 'between':
      return orFalse(sql`${value} between ${typed(test.from)} and ${typed(test.to)}`)
    case 'in':
    case 'not_in': {
      if (test.values.length > longestList) {
        throw invalid(
          `it lists ${test.values.length} values for ${trait}`,
          `List ${longestList} at most, or make a trait of it.`,
        )
      }
      test.values.forEach((constant) => checkType(trait, type, constant))
      const listed = test.values.length === 0 ? sql`false` : orFalse(inList(dialect, value, comparable, test.values))
      return test.is === 'in' ? listed : sql`(${value} is not null and not ${listed})`
    }
    case 'eq':
    case 'ne':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const ordered = type === 'text' && test.is !== 'eq' && test.is !== 'ne' ? dialect.byCodePoint(value) : value
      return orFalse(sql`${ordered} ${sql.raw(operators[test.is])} ${typed(test.value)}`)
    }
  }
}

function orFalse(condition: Fragment): Fragment {
  return sql`coalesce(${condition}, false)`
}

const literalTypes: Readonly<Partial<Record<ColumnType, string>>> = {
  text: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
}

function checkType(trait: AssetKey, type: ColumnType, constant: Literal): void {
  if (typeof constant === literalTypes[type] && (typeof constant !== 'number' || Number.isFinite(constant))) return
  throw invalid(
    `it holds ${trait}, which is of type ${type}, against a ${typeof constant}`,
    'Compare it with a value of its own type.',
  )
}

function invalid(reason: string, hint: string): TraitlineError {
  return new TraitlineError({
    code: 'PREDICATE_INVALID',
    message: `The predicate cannot be used: ${reason}`,
    hint,
    blame: 'user',
  })
}
