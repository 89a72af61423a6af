import { createHash } from 'node:crypto'
import {
  type AssetKey,
  type DestinationSpec,
  type EntitySpec,
  kindOf,
  type MappedReference,
  nameOf,
  referencesIn,
  type StreamSpec,
  type SyncSpec,
  TraitlineError,
  type TraitSpec,
} from '../../orchestrator/contract/index.ts'
import type { DesiredColumn, DesiredSet } from '../../orchestrator/sql/sync-desired.ts'
import { type SyncTables, syncTables } from '../../orchestrator/sql/sync-names.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import { frozenColumn } from './mapping/references.ts'

/** All that the manifest says of one sync, looked up. */
export interface SyncSetup {
  readonly spec: SyncSpec
  readonly entity: EntitySpec
  readonly destination: DestinationSpec
  readonly stream: StreamSpec
  /** The other streams that each row goes to, each as the setup of a sync to it alone. */
  readonly also?: readonly SyncSetup[]
  readonly tables: SyncTables
  /** Schema of the project's own tables. */
  readonly projectSchema: string
  readonly desired: DesiredSet
  /** Hash of all that decides what is sent for a row, beside the row's own columns. */
  readonly mappingVersion: string
}

/** `mapping`, where it is given, stands for the sync's own. */
export function setUpSync(index: ManifestIndex, key: AssetKey, mapping?: SyncSpec['mapping']): SyncSetup {
  const deployed = index.assetOf('sync', key)
  const spec = mapping === undefined ? deployed : { ...deployed, mapping }
  const { manifest } = index
  const destination = manifest.destinations.find(({ name }) => name === spec.destination)
  const stream = destination?.streams.find(({ name }) => name === spec.stream)
  if (destination === undefined || stream === undefined) {
    throw noStream(key, spec.stream, spec.destination)
  }
  const entity = index.entity(spec.entity)
  const columns = readColumns(index, spec)
  const also = alsoStreams(spec, destination)
  const setup: SyncSetup = {
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
      ...(spec.pick !== undefined && {
        pick: { ...traitColumn(index, spec, spec.pick.by), order: spec.pick.order },
      }),
      ...(spec.consent !== undefined && { consents: spec.consent.map((trait) => traitColumn(index, spec, trait)) }),
    },
    mappingVersion: versionOf([
      spec.mapping,
      [destination.name, stream.name, stream.key, stream.fields],
      entity.key.type,
      columns.map(({ name, type, decimals }) => [name, type, decimals]),
      ...(also.length === 0 ? [] : [also.map(([stream, own]) => [stream.name, stream.key, stream.fields, own])]),
    ]),
  }
  if (also.length === 0) return setup
  return { ...setup, also: also.map(([stream, own]) => ({ ...setup, stream, spec: { ...spec, ...own } })) }
}

/** The setups of a sync's streams, its own first. */
export function streamsOf(setup: SyncSetup): readonly SyncSetup[] {
  return [setup, ...(setup.also ?? [])]
}

function alsoStreams({ key, also = [] }: SyncSpec, destination: DestinationSpec) {
  return also.map((own) => {
    const stream = destination.streams.find(({ name }) => name === own.stream)
    if (stream === undefined) throw noStream(key, own.stream, destination.name)
    return [stream, own] as const
  })
}

function noStream(sync: AssetKey, stream: string, destination: string): TraitlineError {
  return new TraitlineError({
    code: 'MANIFEST_INCONSISTENT',
    message: `${sync} writes to ${stream} of destination ${destination}, which the manifest does not have`,
    hint: 'Deploy the project again.',
    blame: 'config',
  })
}

/** What the mapping reads beside the key, each column once, in the order of the mapping. */
function readColumns(index: ManifestIndex, spec: SyncSpec): DesiredColumn[] {
  const references = [spec, ...(spec.also ?? [])].flatMap(({ mapping }) =>
    mapping.flatMap(({ value }) => referencesIn(value)),
  )
  const columns = references.flatMap((reference) => desiredColumn(index, spec, reference) ?? [])
  return [...new Map(columns.map((column) => [column.name, column])).values()]
}

function desiredColumn(index: ManifestIndex, spec: SyncSpec, reference: MappedReference): DesiredColumn | null {
  if (reference.type === 'key') return null
  if (reference.type === 'trait') return traitColumn(index, spec, reference.trait)
  const { asset, column, of } = reference
  return { name: frozenColumn(reference), source: column, type: of, decimals: null, relation: index.relation(asset) }
}

/** From the user model itself where the sync sends one that has the trait: its rows belong together. */
function traitColumn(index: ManifestIndex, spec: SyncSpec, key: AssetKey): DesiredColumn {
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
