import { createHash } from 'node:crypto'
import {
  type AssetKey,
  type DestinationSpec,
  type EntitySpec,
  kindOf,
  type MappedValue,
  nameOf,
  type StreamSpec,
  type SyncSpec,
  TraitlineError,
  type TraitSpec,
} from '../../orchestrator/contract/index.ts'
import type { DesiredColumn, DesiredSet } from '../../orchestrator/sql/sync-desired.ts'
import { type SyncTables, syncTables } from '../../orchestrator/sql/sync-names.ts'
import type { ManifestIndex } from '../runtime/index.ts'

/** All that the manifest says of one sync, looked up. */
export interface SyncSetup {
  readonly spec: SyncSpec
  readonly entity: EntitySpec
  readonly destination: DestinationSpec
  readonly stream: StreamSpec
  readonly tables: SyncTables
  /** Schema of the project's own tables. */
  readonly projectSchema: string
  readonly desired: DesiredSet
  /** Hash of all that decides what is sent for a row, beside the row's own columns. */
  readonly mappingVersion: string
}

export function setUpSync(index: ManifestIndex, key: AssetKey): SyncSetup {
  const spec = index.assetOf('sync', key)
  const { manifest } = index
  const destination = manifest.destinations.find(({ name }) => name === spec.destination)
  const stream = destination?.streams.find(({ name }) => name === spec.stream)
  if (destination === undefined || stream === undefined) {
    throw new TraitlineError({
      code: 'MANIFEST_INCONSISTENT',
      message: `${key} writes to ${spec.stream} of destination ${spec.destination}, which the manifest does not have`,
      hint: 'Deploy the project again.',
      blame: 'config',
    })
  }
  const entity = index.entity(spec.entity)
  const columns = mappedTraits(spec).map((trait) => desiredColumn(index, spec, trait))
  return {
    spec,
    entity,
    destination,
    stream,
    tables: syncTables(manifest.schema, nameOf(key)),
    projectSchema: manifest.schema,
    desired: {
      from: index.relation(spec.from),
      key: entity.key.column,
      columns,
      ...(spec.consent !== undefined && { consents: spec.consent.map((trait) => desiredColumn(index, spec, trait)) }),
    },
    mappingVersion: versionOf([
      spec.mapping,
      [destination.name, stream.name, stream.key, stream.fields],
      entity.key.type,
      columns.map(({ name, type, decimals }) => [name, type, decimals]),
    ]),
  }
}

/** The traits that the mapping reads, each once, in the order of the mapping. */
function mappedTraits(spec: SyncSpec): AssetKey[] {
  return [...new Set(spec.mapping.flatMap(({ value }) => traitsOf(value)))]
}

function traitsOf(value: MappedValue): AssetKey[] {
  if (value.type === 'trait') return [value.trait]
  if (value.type !== 'template') return []
  return Object.values(value.variables).flatMap((variable) => (variable.type === 'trait' ? [variable.trait] : []))
}

/** From the user model itself where the sync sends one that has the trait: its rows belong together. */
function desiredColumn(index: ManifestIndex, spec: SyncSpec, key: AssetKey): DesiredColumn {
  const trait = index.assetOf('trait', key)
  const inFrom = kindOf(spec.from) === 'user_model' && index.assetOf('user_model', spec.from).traits.includes(key)
  return { name: nameOf(key), ...valueType(trait), relation: inFrom ? null : trait.relation }
}

function valueType({ trait }: TraitSpec): Pick<DesiredColumn, 'type' | 'decimals'> {
  if (trait.type === 'boolean') return { type: 'boolean', decimals: null }
  if (trait.type === 'categorical') return { type: 'text', decimals: null }
  return trait.integer ? { type: 'integer', decimals: null } : { type: 'number', decimals: trait.precision }
}

function versionOf(decides: unknown): string {
  return createHash('sha256').update(JSON.stringify(decides)).digest('hex').slice(0, 16)
}
