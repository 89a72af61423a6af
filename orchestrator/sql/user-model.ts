import { sql } from 'kysely'
import type { Relation } from '../contract/index.ts'
import { column, commas, table } from './compile.ts'
import type { DialectSql, Fragment } from './dialect.ts'
import { populationKeys, type KeyColumn, type Population } from './population.ts'
import { fillStaging, type StagedColumn } from './staging.ts'
import type { Statement } from './statement.ts'

/** A trait's table as others read it: key and value, the value under `name`. */
export interface TraitTable {
  readonly name: string
  readonly relation: Relation
  readonly type: StagedColumn['type']
}

export function userModelColumns(key: KeyColumn, traits: readonly TraitTable[]): StagedColumn[] {
  return [{ name: key.column, type: key.type }, ...traits.map(({ name, type }) => ({ name, type }))]
}

/** Everyone with the value of each trait, null where there is none. */
export function stageUserModel(
  dialect: DialectSql,
  input: UserModelRows & { readonly relation: Relation },
): Statement[] {
  const { relation, key, traits } = input
  return fillStaging(dialect, relation, userModelColumns(key, traits), userModelRows(dialect, input))
}

export interface UserModelRows {
  readonly key: KeyColumn
  readonly population: Population
  readonly traits: readonly TraitTable[]
}

/** The key and the value of each trait. */
export function userModelRows(dialect: DialectSql, { key, population, traits }: UserModelRows): Fragment {
  const values = traits.map(({ name }, index) => column(name, `t${index}`))
  const joins = traits.map((trait, index) => leftJoin(trait.relation, key, `t${index}`))
  return sql`select ${commas([column(key.column, 'p'), ...values])}
    from (${populationKeys(dialect, key, population)}) as p ${sql.join(joins, sql` `)}`
}

/** A table that has each key once at most, joined to the population `p`. */
export function leftJoin(relation: Relation, key: KeyColumn, alias: string): Fragment {
  return sql`left join ${table(relation)} as ${sql.raw(alias)} on ${column(key.column, alias)} = ${column(key.column, 'p')}`
}
