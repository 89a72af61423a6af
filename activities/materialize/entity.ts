import {
  TraitlineError,
  nameOf,
  type AssetKey,
  type AssetSpec,
  type EntitySpec,
} from '../../orchestrator/contract/index.ts'
import { traitColumnType, type Population, type TraitTable } from '../../orchestrator/sql/index.ts'
import type { ProfileColumn } from '../profile/profile.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'
import { requireColumns } from './columns.ts'

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
export async function populationOf(
  warehouse: Warehouse,
  manifest: ManifestIndex,
  asset: AssetSpec,
  entity: EntitySpec,
  reads: readonly AssetKey[],
  call: WarehouseCall,
): Promise<Population> {
  if (entity.population !== null) {
    const relation = manifest.relation(entity.population)
    const needed = [entity.key.column]
    await requireColumns(warehouse, { asset, relation, needed, madeBy: entity.population }, call)
    return { type: 'table', relation }
  }
  if (reads.length > 0) return { type: 'union', relations: reads.map((key) => manifest.relation(key)) }
  throw new TraitlineError({
    code: 'POPULATION_UNKNOWN',
    message: `${asset.key} reads no trait, and the entity ${entity.name} has no population: nobody could be in it`,
    hint: `Give the entity ${entity.name} a population, or let ${asset.key} read a trait.`,
    blame: 'user',
  })
}
