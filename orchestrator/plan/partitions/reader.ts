import type { AssetKey, AssetSpec, AssetState, Manifest, PartitionStatus, Scope } from '../../contract/index.ts'
import {
  complementOf,
  isRecorded,
  openPartitioning,
  selectPartitions,
  setOf,
  type Partitioning,
  type PartitionSet,
} from '../../graph/index.ts'
import type { Partitionings } from './facts.ts'

/** What planning asks the record of partitions. */
export interface PartitionReader {
  /** Of a dynamic dimension. */
  keys(scope: Scope, set: string): Promise<readonly string[]>
  states(scope: Scope, asset: AssetKey, partitions: readonly string[]): Promise<ReadonlyMap<string, AssetState>>
  /** Every partition that is known. */
  statuses(scope: Scope, asset: AssetKey): Promise<readonly KnownStatus[]>
}

interface KnownStatus {
  readonly partition: string
  readonly status: PartitionStatus
  readonly made: boolean
}

/** The partitions that assets and what they read have now: by the project's clock, and with the keys that were added. */
export async function openPartitionings(
  reader: Pick<PartitionReader, 'keys'>,
  scope: Scope,
  manifest: Pick<Manifest, 'asOf'>,
  specs: readonly AssetSpec[],
  specOf: (key: AssetKey) => AssetSpec,
  now: number,
): Promise<Partitionings> {
  const cut = [...new Set([...specs, ...specs.flatMap(({ mappings }) => keysOf(mappings).map(specOf))])].filter(
    ({ partitions }) => partitions !== undefined,
  )
  const sets = new Set(
    cut.flatMap(({ partitions }) =>
      partitions!.dimensions.flatMap((dimension) => (dimension.type === 'dynamic' ? [dimension.set] : [])),
    ),
  )
  const keys = await Promise.all([...sets].map(async (set) => [set, await reader.keys(scope, set)] as const))
  const facts = { now: manifest.asOf === null ? now : Date.parse(manifest.asOf), dynamic: Object.fromEntries(keys) }
  const opened = new Map<AssetKey, Partitioning>(
    cut.map((spec) => [spec.key, openPartitioning(spec.partitions!, facts)]),
  )
  return (key) => opened.get(key) ?? null
}

function keysOf(mappings: AssetSpec['mappings']): AssetKey[] {
  return Object.keys(mappings ?? {}) as AssetKey[]
}

/** Which partitions of an asset a run is about: the latest, unless something was said. */
export async function selectedOf(
  reader: Pick<PartitionReader, 'statuses'>,
  scope: Scope,
  spec: AssetSpec,
  selection: string | null,
  partitioning: Partitioning,
): Promise<PartitionSet> {
  if (selection === null) return partitioning.count === 0 ? [] : selectPartitions(spec.key, 'latest', partitioning)
  if (!isRecorded(selection)) return selectPartitions(spec.key, selection, partitioning)
  const statuses = await reader.statuses(scope, spec.key)
  const numbers = (of: typeof statuses): PartitionSet =>
    setOf(of.map(({ partition }) => partitioning.numberOf(partition)).filter((n) => n >= 0))
  return selection === 'missing'
    ? complementOf(numbers(statuses.filter(({ made }) => made)), partitioning.count)
    : numbers(statuses.filter(({ status }) => status === 'failed' || status === 'upstream_failed'))
}
