import { sql } from 'kysely'
import {
  nameOf,
  type AssetKey,
  type ColumnType,
  type PartitionValue,
  type Relation,
  type TraitSpec,
  type TraitType,
} from '../contract/index.ts'
import { column, commas, compile, table } from './compile.ts'
import type { DialectSql, Fragment, ResultRow } from './dialect.ts'
import type { KeyColumn } from './population.ts'
import { stagingRelation, type StagedColumn } from './staging.ts'
import type { Statement } from './statement.ts'
import { compileTemplate } from './template.ts'
import { cast, inList } from './values.ts'

/** How a trait's values are stored. */
export function traitColumnType(trait: TraitType): ColumnType {
  if (trait.type === 'boolean') return 'boolean'
  if (trait.type === 'categorical') return 'text'
  return trait.integer ? 'integer' : 'number'
}

/** Key and value, the value under the trait's name. */
export function traitColumns(spec: TraitSpec, key: KeyColumn): [StagedColumn, StagedColumn] {
  const type = traitColumnType(spec.trait)
  // Whole numbers are staged as doubles, which keep the fraction that must not be there until it was looked for.
  const stagedAs = type === 'integer' ? 'number' : type
  return [
    { name: key.column, type: key.type },
    { name: nameOf(spec.key), type, stagedAs },
  ]
}

/** The trait's key and value, in that order; in SQL of a user's, for the partition that `valueOf` tells of. */
export function traitRows(
  dialect: DialectSql,
  spec: TraitSpec,
  key: KeyColumn,
  relationOf: (asset: AssetKey) => Relation,
  valueOf?: (value: PartitionValue) => Fragment,
): Fragment {
  const [, { type, stagedAs }] = traitColumns(spec, key)
  const { from, values } = origin(spec, relationOf, valueOf)
  return sql`select ${cast(dialect, column(key.column), key.type)}, ${cast(dialect, values, stagedAs ?? type)} from ${from}`
}

function origin(
  { origin }: TraitSpec,
  relationOf: (asset: AssetKey) => Relation,
  valueOf: ((value: PartitionValue) => Fragment) | undefined,
): { readonly from: Fragment; readonly values: Fragment } {
  return origin.type === 'column'
    ? { from: table(relationOf(origin.asset)), values: column(origin.column) }
    : { from: sql`${compileTemplate(origin.sql, relationOf, valueOf)} as computed`, values: column('value') }
}

/** One row for `readTraitProblems`; of a staging table with several partitions one each, named `partition`. */
export function validateTrait(
  dialect: DialectSql,
  spec: TraitSpec,
  key: KeyColumn,
  partitioned?: { readonly staging: Relation; readonly by: string },
): Statement {
  const id = column(key.column)
  const counts = rulesOf(spec.trait).map(
    ({ breaks }, index) =>
      sql`count(*) filter (where ${breaks(dialect, column(nameOf(spec.key)))}) as ${sql.id(`rule_${index}`)}`,
  )
  return compile(
    sql`select ${commas([
      ...(partitioned === undefined ? [] : [sql`${column(partitioned.by)} as partition`]),
      sql`count(*) as rows`,
      sql`count(*) - count(${id}) as null_keys`,
      sql`count(${id}) - count(distinct ${id}) as duplicate_keys`,
      ...counts,
    ])} from ${table(partitioned?.staging ?? stagingRelation(spec.relation))}
      ${partitioned === undefined ? sql`` : sql`group by ${column(partitioned.by)}`}`,
  )
}

export interface TraitProblem {
  /** Rows that have it. */
  readonly rows: number
  /** After a number of rows: `have no customer_id`. */
  readonly words: string
  readonly fix: string
}

/** What is wrong with the rows in staging, by numbers alone. */
export function readTraitProblems(row: ResultRow, { trait }: TraitSpec, key: KeyColumn): TraitProblem[] {
  const found: TraitProblem[] = [
    {
      rows: Number(row['null_keys']),
      words: `have no ${key.column}`,
      fix: `Leave out rows without ${key.column}: ... where ${key.column} is not null.`,
    },
    {
      rows: Number(row['duplicate_keys']),
      words: `repeat a ${key.column} of another row`,
      fix: `Give one row for each ${key.column}: ... group by ${key.column}.`,
    },
    ...rulesOf(trait).map(({ words, fix }, index) => ({ rows: Number(row[`rule_${index}`]), words, fix })),
  ]
  return found.filter(({ rows }) => rows > 0)
}

interface Rule {
  /** Never true of a null value, which a trait may have. */
  readonly breaks: (dialect: DialectSql, value: Fragment) => Fragment
  readonly words: string
  readonly fix: string
}

function rulesOf(trait: TraitType): Rule[] {
  if (trait.type === 'boolean') return []
  if (trait.type === 'categorical') return [categoriesRule(trait.categories)]
  return [
    notFinite,
    ...(trait.min === null ? [] : [limitRule('below its minimum', '<', trait.min)]),
    ...(trait.max === null ? [] : [limitRule('above its maximum', '>', trait.max)]),
    ...(trait.integer ? [notInteger] : []),
  ]
}

const notFinite: Rule = {
  breaks: (dialect, value) => sql`not ${dialect.isFinite(value)}`,
  words: 'are not finite numbers (NaN or infinite)',
  fix: 'Make them null where there is no number to tell.',
}

const notInteger: Rule = {
  breaks: (dialect, value) =>
    sql`${dialect.isFinite(value)} and (${value} <> floor(${value}) or abs(${value}) >= 9007199254740992)`,
  words: 'are not whole numbers below 2^53',
  fix: 'Round them, or declare the trait without `integer`.',
}

function limitRule(words: string, operator: '<' | '>', limit: number): Rule {
  return {
    // NaN is above everything: that it is not finite is said already.
    breaks: (dialect, value) =>
      sql`${dialect.isFinite(value)} and ${value} ${sql.raw(operator)} ${cast(dialect, sql`${limit}`, 'number')}`,
    words: `are ${words} ${limit}`,
    fix: 'Correct the values, or widen the declared range.',
  }
}

function categoriesRule(categories: readonly string[]): Rule {
  return {
    breaks: (dialect, value) => sql`${value} is not null and not (${inList(dialect, value, 'text', categories)})`,
    words: `are none of its ${categories.length} categories`,
    fix: 'Correct the values, or declare the categories that are missing.',
  }
}
