import type { AssetKey, EntitySpec } from '../contract/index.ts'
import type { Entity } from '../define/entity.ts'
import { keyOf } from './collect.ts'
import type { Context } from './context.ts'
import { checkColumn, type KnownColumns } from './tables.ts'

export function populationOf(entity: Entity): AssetKey | null {
  return entity.population === null ? null : keyOf(entity.population)
}

/** What of an entity decides who is in its tables. */
export function entityContent(entity: Entity) {
  return { keyColumn: entity.keyColumn, keyType: entity.keyType, population: populationOf(entity) }
}

export function compileEntity(entity: Entity, context: Context, known: KnownColumns): EntitySpec {
  if (entity.keyColumn === '') context.report(entity, 'it has no key', 'Name the column that identifies one')
  if (entity.population !== null) {
    checkColumn(entity, entity.population, entity.keyColumn, [entity.keyType], context, known)
  }
  return {
    name: entity.name,
    key: { column: entity.keyColumn, type: entity.keyType },
    population: populationOf(entity),
  }
}
