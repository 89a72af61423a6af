import { createHash } from 'node:crypto'
import {
  TraitlineError,
  type AssetKey,
  type AssetSpec,
  type AssetState,
  type AssetStates,
} from '../../contract/index.ts'
import {
  mapPartition,
  numbersIn,
  type MappedPartitions,
  type Partitioning,
  type PartitionSet,
} from '../../graph/index.ts'
import { upstreamVersions } from '../judge.ts'
import { isThere } from '../upstreams.ts'

/** The partitions of assets, as they are at one moment. */
export type Partitionings = (key: AssetKey) => Partitioning | null

/** What is known of partitions, by asset and key. */
export type KnownPartitions = (key: AssetKey) => ReadonlyMap<string, AssetState> | undefined

/** Which partitions of each upstream that has partitions one partition reads; `n` is null for an asset without. */
export function partitionsRead(
  spec: AssetSpec,
  n: number | null,
  partitioningOf: Partitionings,
): ReadonlyMap<AssetKey, MappedPartitions> {
  const read = new Map<AssetKey, MappedPartitions>()
  const own = spec.partitions === undefined ? null : partitioningOf(spec.key)
  for (const [dep, mapping] of Object.entries(spec.mappings ?? {}) as [
    AssetKey,
    NonNullable<AssetSpec['mappings']>[AssetKey],
  ][]) {
    const upstream = partitioningOf(dep)
    if (upstream === null) continue
    read.set(dep, mapPartition(mapping, own === null || n === null ? null : { partitioning: own, n }, upstream))
  }
  return read
}

/** What one partition is about to read. */
export interface PartitionInputs {
  /** The version of each upstream; of several partitions of one, a hash of theirs. */
  readonly versions: Readonly<Record<AssetKey, string>>
  /** In words, what is not there: `source/events 2026-11-24T07:00`. */
  readonly missing: readonly string[]
  /** Partitions, or assets without, that failed a blocking check. */
  readonly blocked: readonly { readonly upstream: AssetKey; readonly checks: readonly string[] }[]
}

/** Most that is named of what is missing. */
const mostNamed = 3

/** Holds what a partition reads against the record; with `warehouse`, what is in another one is missing too. */
export function partitionInputs(
  spec: AssetSpec,
  read: ReadonlyMap<AssetKey, MappedPartitions>,
  states: AssetStates,
  known: KnownPartitions,
  partitioningOf: Partitionings,
  warehouse: string | null,
): PartitionInputs {
  const versions: Record<AssetKey, string> = upstreamVersions(spec, states)
  const missing: string[] = []
  const blocked: { upstream: AssetKey; checks: readonly string[] }[] = []
  for (const dep of spec.deps) {
    const mapped = read.get(dep)
    if (mapped === undefined) {
      const latest = states[dep]?.latest
      if (!isThere(latest, warehouse)) missing.push(dep)
      else if (latest.failedChecks.length > 0) blocked.push({ upstream: dep, checks: latest.failedChecks })
      continue
    }
    const partitions = known(dep)
    const upstream = partitioningOf(dep) as Partitioning
    const found: [string, string][] = []
    let lacking = mapped.lacking.map((words) => `${dep} ${words}`)
    for (const n of numbersIn(mapped.set)) {
      const key = upstream.keyOf(n)
      const latest = partitions?.get(key)?.latest
      if (!isThere(latest, warehouse)) lacking.push(`${dep} ${key}`)
      else {
        found.push([key, latest.dataVersion])
        if (latest.failedChecks.length > 0) blocked.push({ upstream: dep, checks: latest.failedChecks })
      }
    }
    if (lacking.length > mostNamed) {
      lacking = [...lacking.slice(0, mostNamed), `${lacking.length - mostNamed} more partitions of ${dep}`]
    }
    missing.push(...lacking)
    versions[dep] = versionOf(found)
  }
  return { versions, missing, blocked }
}

/** Names of the checks that partitions within a set failed, of those that failed any. */
export function failuresWithin(
  set: PartitionSet,
  partitioning: Partitioning,
  failing: readonly { readonly partition: string; readonly failedChecks: readonly string[] }[],
): string[] {
  const within = failing.filter(({ partition }) => {
    const n = partitioning.numberOf(partition)
    return set.some(([from, to]) => from <= n && n < to)
  })
  return [...new Set(within.flatMap(({ failedChecks }) => failedChecks))].sort()
}

/** Of one partition its own version; of several, or none, one that is equal for equal keys and versions. */
function versionOf(partitions: readonly (readonly [key: string, version: string])[]): string {
  const [only, ...more] = partitions
  if (only !== undefined && more.length === 0) return only[1]
  const digest = createHash('sha256').update(JSON.stringify(partitions)).digest('hex')
  return `partitions-${partitions.length}:${digest.slice(0, 32)}`
}

export function partitionsMissing(spec: AssetSpec, partition: string, missing: readonly string[]): TraitlineError {
  return new TraitlineError({
    code: 'UPSTREAM_MISSING',
    message: `${spec.key} ${partition} reads ${missing.join(', ')}, which ${missing.length === 1 ? 'was' : 'were'} never materialised in this warehouse`,
    hint: `Select what is upstream as well: traitline materialize '+${spec.key}' --partitions '${partition}'`,
    blame: 'user',
  })
}
