import { sql } from 'kysely'
import { TraitlineError, type AssetKey, type Predicate, type Relation } from '../contract/index.ts'
import { column } from './compile.ts'
import type { DialectSql, Fragment } from './dialect.ts'
import { populationKeys, type KeyColumn, type Population } from './population.ts'
import { compilePredicate, type PredicateScope } from './predicate.ts'
import { fillStaging, type StagedColumn } from './staging.ts'
import type { Statement } from './statement.ts'
import { leftJoin, type TraitTable } from './user-model.ts'

export function audienceColumns(key: KeyColumn): StagedColumn[] {
  return [{ name: key.column, type: key.type }]
}

/** Who satisfies the predicate, out of the population. One join a table, however many clauses read it. */
export function stageAudience(dialect: DialectSql, input: AudienceRows & { readonly relation: Relation }): Statement[] {
  const { relation, key } = input
  return withinLimits(fillStaging(dialect, relation, audienceColumns(key), audienceRows(dialect, input)))
}

export interface AudienceRows {
  readonly key: KeyColumn
  readonly population: Population
  readonly where: Predicate
  readonly traits: ReadonlyMap<AssetKey, TraitTable>
  readonly audiences: ReadonlyMap<AssetKey, Relation>
}

/** The keys of an audience's members. */
export function audienceRows(
  dialect: DialectSql,
  { key, population, where, traits, audiences }: AudienceRows,
): Fragment {
  const traitAlias = aliases(traits.keys(), 't')
  const audienceAlias = aliases(audiences.keys(), 'a')
  const joins = [
    ...[...traits].map(([asset, trait]) => leftJoin(trait.relation, key, traitAlias(asset))),
    ...[...audiences].map(([asset, members]) => leftJoin(members, key, audienceAlias(asset))),
  ]
  const scope: PredicateScope = {
    trait: (asset) => {
      const { name, type } = traits.get(asset) ?? unknown(asset)
      return { value: column(name, traitAlias(asset)), type }
    },
    member: (asset) => column(key.column, audienceAlias(asset)),
  }
  return sql`select ${column(key.column, 'p')} from (${populationKeys(dialect, key, population)}) as p
    ${sql.join(joins, sql` `)} where ${compilePredicate(dialect, where, scope)}`
}

/** A name for each table, in order. */
function aliases(keys: Iterable<AssetKey>, prefix: string): (asset: AssetKey) => string {
  const names = new Map([...keys].map((asset, index) => [asset, `${prefix}${index}`]))
  return (asset) => names.get(asset) ?? unknown(asset)
}

/** Postgres counts parameters in 16 bits. */
const mostParameters = 65_535

function withinLimits(statements: Statement[]): Statement[] {
  const most = Math.max(...statements.map(({ parameters }) => parameters.length))
  if (most <= mostParameters) return statements
  throw new TraitlineError({
    code: 'PREDICATE_INVALID',
    message: `The predicate cannot be used: it holds ${most} values, and ${mostParameters} are the most`,
    hint: 'Put values of one trait into one list with in(), or make a trait of it.',
    blame: 'user',
  })
}

function unknown(asset: AssetKey): never {
  throw new TraitlineError({
    code: 'MANIFEST_INCONSISTENT',
    message: `The predicate reads ${asset}, whose table was not given`,
    hint: 'Deploy the project again.',
    blame: 'system',
  })
}
