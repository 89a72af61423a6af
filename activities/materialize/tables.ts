import {
  TraitlineError,
  nameOf,
  type AssetKey,
  type EntitySpec,
  type Relation,
  type TraitSpec,
} from '../../orchestrator/contract/index.ts'
import { traitColumnType, type KeyColumn, type Population, type TraitTable } from '../../orchestrator/sql/index.ts'
import type { ProfileColumn } from '../profile/profile.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import type { Read } from './reads.ts'

/** A trait's table as user models and audiences read it. */
export function traitTable({ key, relation, trait }: TraitSpec): TraitTable {
  return { name: nameOf(key), relation, type: traitColumnType(trait) }
}

/** How a trait's values are profiled, wherever they stand. Nothing is told of personal data. */
export function traitProfile({ key, trait, columns }: TraitSpec): ProfileColumn {
  const name = nameOf(key)
  return {
    name,
    type: traitColumnType(trait),
    precision: trait.type === 'continuous' ? trait.precision : null,
    categories: trait.type === 'categorical' ? trait.categories : null,
    statistics: !columns.some((column) => column.name === name && column.pii === true),
  }
}

/** Keys are part of the content, and told of nowhere. */
export function keyProfile({ column, type }: KeyColumn): ProfileColumn {
  return { name: column, type, statistics: false }
}

/** Everyone: the entity's own table, else whoever is in one of the tables that are read. */
export function populationOf(
  asset: AssetKey,
  { name, population }: EntitySpec,
  manifest: ManifestIndex,
  others: readonly Relation[],
): Population {
  if (population !== null) return { type: 'table', relation: manifest.relation(population) }
  if (others.length > 0) return { type: 'union', relations: others }
  throw new TraitlineError({
    code: 'POPULATION_UNKNOWN',
    message: `${asset} reads no trait, and the entity ${name} has no population: nobody knows who everyone is`,
    hint: `Give the entity ${name} a population, or read a trait.`,
    blame: 'user',
  })
}

/** What is read of the population and of each table beside it, for messages about what is missing. */
export function readsOf(
  { key, population }: EntitySpec,
  manifest: ManifestIndex,
  traits: readonly TraitSpec[],
  audiences: readonly AssetKey[] = [],
): Read[] {
  const keyOnly = population === null ? audiences : [population, ...audiences]
  return [
    ...keyOnly.map((asset) => ({ asset, relation: manifest.relation(asset), columns: [key.column] })),
    ...traits.map((trait) => ({
      asset: trait.key,
      relation: trait.relation,
      columns: [key.column, nameOf(trait.key)],
    })),
  ]
}
