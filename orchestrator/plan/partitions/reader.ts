import {
  TraitlineError,
  type AssetKey,
  type AssetSpec,
  type AssetState,
  type Manifest,
  type PartitionStatus,
  type Scope,
} from '../../contract/index.ts'
import {
  complementOf,
  isRecorded,
  openPartitioning,
  selectPartitions,
  unionOf,
  type Partitioning,
  type PartitionSet,
  type Range,
} from '../../graph/index.ts'
import type { Partitionings } from './facts.ts'

/** What planning asks the record of partitions. */
export interface PartitionReader {
  /** Of a dynamic dimension. */
  keys(scope: Scope, set: string): Promise<readonly string[]>
  states(scope: Scope, asset: AssetKey, partitions: readonly string[]): Promise<ReadonlyMap<string, AssetState>>
  /** All partitions that are known, by number, in order. */
  runs(scope: Scope, asset: AssetKey, partitioning: Partitioning): Promise<readonly KnownRun[]>
}

/** Partitions `[from, to)` in one state. */
interface KnownRun {
  readonly from: number
  readonly to: number
  readonly status: PartitionStatus
  /** Whether they were ever materialised. */
  readonly made: boolean
}

/** The partitions that assets and what they read have now: by the project's clock, and with the keys that were added. */
export function openPartitionings(
  reader: Pick<PartitionReader, 'keys'>,
  scope: Scope,
  manifest: Pick<Manifest, 'asOf'>,
  specs: readonly AssetSpec[],
  specOf: (key: AssetKey) => AssetSpec,
  now: number,
): Promise<Partitionings> {
  const read = specs.flatMap(({ mappings }) => keysOf(mappings).map(specOf))
  return partitioningsOf(reader, scope, manifest, [...new Set([...specs, ...read])], now)
}

/** The same of these assets alone. */
export async function partitioningsOf(
  reader: Pick<PartitionReader, 'keys'>,
  scope: Scope,
  manifest: Pick<Manifest, 'asOf'>,
  specs: readonly AssetSpec[],
  now: number,
): Promise<Partitionings> {
  const cut = specs.filter(({ partitions }) => partitions !== undefined)
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

/** Where partitions are asked for of assets that have none. */
export function noPartitions(selection: string): TraitlineError {
  return new TraitlineError({
    code: 'PARTITION_UNKNOWN',
    message: `the partitions ${selection} were asked for, and no asset of the selection has any`,
    hint: 'Leave the partitions out, or select an asset that has some.',
    blame: 'user',
  })
}

function keysOf(mappings: AssetSpec['mappings']): AssetKey[] {
  return Object.keys(mappings ?? {}) as AssetKey[]
}

/** Which partitions of an asset a run is about: the latest, unless something was said. */
export async function selectedOf(
  reader: Pick<PartitionReader, 'runs'>,
  scope: Scope,
  spec: AssetSpec,
  selection: string | null,
  partitioning: Partitioning,
): Promise<PartitionSet> {
  if (selection === null) return partitioning.count === 0 ? [] : selectPartitions(spec.key, 'latest', partitioning)
  if (!isRecorded(selection)) return selectPartitions(spec.key, selection, partitioning)
  const runs = await reader.runs(scope, spec.key, partitioning)
  const rangesOf = (which: typeof runs): PartitionSet => unionOf(which.map(({ from, to }): Range => [from, to]))
  return selection === 'missing'
    ? complementOf(rangesOf(runs.filter(({ made }) => made)), partitioning.count)
    : rangesOf(runs.filter(({ status }) => status === 'failed' || status === 'upstream_failed'))
}
