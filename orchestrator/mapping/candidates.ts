import {
  nameOf,
  type AssetSpec,
  type ColumnType,
  type Manifest,
  type SyncSpec,
  type TraitSpec,
} from '../contract/index.ts'
import type { Candidate } from './suggest.ts'

/**
 * What a sync could send: the entity's key, the traits of its entity (those of its user model first), and the columns
 * of tables that have the entity's key and stand upstream of what it sends.
 */
export function candidatesFor(manifest: Manifest, spec: SyncSpec): readonly Candidate[] {
  const entity = manifest.entities.find(({ name }) => name === spec.entity)
  if (entity === undefined) return []
  const assets = new Map(manifest.assets.map((asset) => [asset.key, asset]))
  const from = assets.get(spec.from)
  const own = from?.kind === 'user_model' ? new Set(from.traits) : new Set()
  const traits = manifest.assets
    .filter((asset): asset is TraitSpec => asset.kind === 'trait' && asset.entity === spec.entity)
    .sort((a, b) => Number(own.has(b.key)) - Number(own.has(a.key)))
  const tables = upstreamTables(spec, assets).filter(({ columns }) =>
    columns.some(({ name, type }) => name === entity.key.column && type === entity.key.type),
  )
  return [
    { name: entity.key.column, type: entity.key.type, value: { type: 'key' } },
    ...traits.map((trait): Candidate => ({
      ...{ name: nameOf(trait.key), type: traitType(trait), value: { type: 'trait', trait: trait.key } },
    })),
    ...tables.flatMap(({ key, columns }) =>
      columns
        .filter(({ name }) => name !== entity.key.column)
        .map(({ name, type }): Candidate => ({
          name,
          type,
          value: { type: 'column', asset: key, column: name, of: type },
        })),
    ),
  ]
}

function upstreamTables(spec: SyncSpec, assets: ReadonlyMap<string, AssetSpec>): AssetSpec[] {
  const seen = new Set<string>()
  const queue: string[] = [spec.from, ...spec.deps]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    queue.push(...(assets.get(next)?.deps ?? []))
  }
  return [...assets.values()].filter(({ key, kind }) => seen.has(key) && ['source', 'model', 'notebook'].includes(kind))
}

function traitType({ trait }: TraitSpec): ColumnType {
  if (trait.type === 'boolean') return 'boolean'
  if (trait.type === 'categorical') return 'text'
  return trait.integer ? 'integer' : 'number'
}
