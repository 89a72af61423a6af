import { TraitlineError, kindOf, nameOf, type AssetKey, type EntitySpec } from '../../orchestrator/contract/index.ts'
import { traitColumnType, type Population, type TraitTable } from '../../orchestrator/sql/index.ts'
import type { ProfileColumn } from '../profile/profile.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import type { Read } from './columns.ts'

/** A key enters the fingerprint, but nothing is told of it. */
export function keyProfile(entity: EntitySpec): ProfileColumn {
  return { name: entity.key.column, type: entity.key.type, statistics: false }
}

export function traitTable(manifest: ManifestIndex, key: AssetKey): TraitTable {
  const spec = manifest.assetOf('trait', key)
  return { name: nameOf(key), relation: spec.relation, type: traitColumnType(spec.trait) }
}

/** How a trait's values are fingerprinted and described, in its own table and in a user model's. */
export function traitProfile(manifest: ManifestIndex, key: AssetKey): ProfileColumn {
  const { trait, columns } = manifest.assetOf('trait', key)
  const name = nameOf(key)
  return {
    name,
    type: traitColumnType(trait),
    precision: trait.type === 'continuous' ? trait.precision : null,
    categories: trait.type === 'categorical' ? trait.categories : null,
    statistics: columns.every((column) => column.name !== name || column.pii !== true),
  }
}

/** Everyone the entity's table lists; without one, whoever is in a table that the asset reads. */
export function populationOf(
  manifest: ManifestIndex,
  asset: AssetKey,
  entity: EntitySpec,
  reads: readonly AssetKey[],
): Population {
  if (entity.population !== null) return { type: 'table', relation: manifest.relation(entity.population) }
  if (reads.length > 0) return { type: 'union', relations: reads.map((key) => manifest.relation(key)) }
  throw new TraitlineError({
    code: 'POPULATION_UNKNOWN',
    message: `${asset} reads no trait, and the entity ${entity.name} has no population: nobody could be in it`,
    hint: `Give the entity ${entity.name} a population, or let ${asset} read a trait.`,
    blame: 'user',
  })
}

/** What is read of the population, of audiences and of traits, for messages about what is missing. */
export function readsOf(manifest: ManifestIndex, { key, population }: EntitySpec, refs: readonly AssetKey[]): Read[] {
  const all = population === null ? refs : [population, ...refs]
  return all.map((from) => {
    const columns = kindOf(from) === 'trait' ? [key.column, nameOf(from)] : [key.column]
    return { from, relation: manifest.relation(from), columns }
  })
}
