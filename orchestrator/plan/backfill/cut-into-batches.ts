import type { AssetKey, AssetSpec, BackfillBatch } from '../../contract/index.ts'
import { isOneToOne, sizeOf, unionOf, writeSelection, type PartitionSet, type Range } from '../../graph/index.ts'
import type { Partitionings } from '../partitions/index.ts'

export interface BatchesInput {
  /** Of the backfill, in topological order. */
  readonly targets: readonly AssetSpec[]
  readonly partitionings: Partitionings
  /** Which partitions of each target that has any. */
  readonly selected: ReadonlyMap<AssetKey, PartitionSet>
  /** Partitions a batch, of each of its assets. */
  readonly size: number
}

/**
 * Cuts a backfill into batches that are runs of their own. Assets with equal partitions, each of which reads the same
 * partition of the others, go together, and their batches in any order; whatever reads other partitions than its own,
 * or has none, begins once all that it reads has ended.
 */
export function cutIntoBatches({ targets, partitionings, selected, size }: BatchesInput): BackfillBatch[] {
  const groups = new Map<string, { level: number; specs: AssetSpec[] }>()
  const levels = levelsOf(targets)
  for (const spec of targets) {
    const level = levels.get(spec.key)!
    const id = `${level} ${JSON.stringify(spec.partitions ?? null)}`
    const group = groups.get(id) ?? { level, specs: [] }
    group.specs.push(spec)
    groups.set(id, group)
  }
  return [...groups.values()]
    .sort((a, b) => a.level - b.level)
    .flatMap(({ level, specs }): BackfillBatch[] => {
      const keys = specs.map(({ key }) => key)
      const partitioning = partitionings(keys[0]!)
      if (partitioning === null) return [{ level, targets: keys, partitions: null, size: 1 }]
      const all = unionOf(keys.flatMap((key) => selected.get(key) ?? []))
      return chunksOf(all, size).map((set) => ({
        level,
        targets: keys,
        partitions: writeSelection(set, partitioning),
        size: sizeOf(set),
      }))
    })
}

function levelsOf(targets: readonly AssetSpec[]): ReadonlyMap<AssetKey, number> {
  const specs = new Map(targets.map((spec) => [spec.key, spec]))
  const levels = new Map<AssetKey, number>()
  for (const spec of targets) {
    const own = JSON.stringify(spec.partitions ?? null)
    const above = spec.deps.flatMap((dep) => {
      const upstream = specs.get(dep)
      if (upstream === undefined) return []
      const mapping = spec.mappings?.[dep]
      const together =
        JSON.stringify(upstream.partitions ?? null) === own &&
        (spec.partitions === undefined || (mapping !== undefined && isOneToOne(mapping)))
      return [levels.get(dep)! + (together ? 0 : 1)]
    })
    levels.set(spec.key, Math.max(0, ...above))
  }
  return levels
}

function chunksOf(set: PartitionSet, size: number): PartitionSet[] {
  const chunks: Range[][] = []
  let room = 0
  for (const [from, to] of set) {
    for (let at = from; at < to;) {
      if (room === 0) {
        chunks.push([])
        room = size
      }
      const end = Math.min(to, at + room)
      chunks.at(-1)!.push([at, end])
      room -= end - at
      at = end
    }
  }
  return chunks
}
