import {
  TraitlineError,
  type AssetKey,
  type AssetKind,
  type AssetSpec,
  type EntitySpec,
  type Manifest,
  type Relation,
  type Scope,
} from '../../orchestrator/contract/index.ts'

/** Reads a revision's manifest; cached by whoever provides it, since a revision never changes. */
export type Manifests = (scope: Scope, revision: number) => Promise<Manifest>

export type SpecOf<K extends AssetKind> = Extract<AssetSpec, { readonly kind: K }>

/** A manifest that answers by key. */
export interface ManifestIndex {
  readonly manifest: Manifest
  asset(key: AssetKey): AssetSpec
  /** The asset if it is of that kind; MANIFEST_INCONSISTENT otherwise. */
  assetOf<K extends AssetKind>(kind: K, key: AssetKey): SpecOf<K>
  entity(name: string): EntitySpec
  /** Where the asset's rows are. A sync has none. */
  relation(key: AssetKey): Relation
}

const indexes = new WeakMap<Manifest, ManifestIndex>()

export function manifestIndex(manifest: Manifest): ManifestIndex {
  const known = indexes.get(manifest)
  if (known !== undefined) return known
  const index = createIndex(manifest)
  indexes.set(manifest, index)
  return index
}

function createIndex(manifest: Manifest): ManifestIndex {
  const assets = new Map(manifest.assets.map((asset) => [asset.key, asset]))
  const entities = new Map(manifest.entities.map((entity) => [entity.name, entity]))
  const asset = (key: AssetKey): AssetSpec => assets.get(key) ?? inconsistent(manifest, `${key} is not in it`)
  return {
    manifest,
    asset,
    assetOf: (kind, key) => {
      const spec = asset(key)
      if (spec.kind !== kind) inconsistent(manifest, `${key} is a ${spec.kind} where a ${kind} is needed`)
      return spec as SpecOf<typeof kind>
    },
    entity: (name) => entities.get(name) ?? inconsistent(manifest, `the entity ${name} is not in it`),
    relation: (key) => asset(key).relation ?? inconsistent(manifest, `${key} has no table`),
  }
}

function inconsistent(manifest: Manifest, reason: string): never {
  throw new TraitlineError({
    code: 'MANIFEST_INCONSISTENT',
    message: `The manifest of project ${manifest.project} does not hold together: ${reason}`,
    hint: 'Deploy the project again.',
    blame: 'config',
  })
}
