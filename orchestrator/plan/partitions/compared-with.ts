import { splitKey, type Partitioning } from '../../graph/index.ts'

/** So many windows back something good is looked for. */
const mostBack = 31

/**
 * What checks that compare hold a partition against, in the order of preference: what it was itself before, then the
 * windows before it, nearest first, of the same keys in every other dimension. What has no dimension of time has only
 * itself: one country is no measure of another.
 *
 * @example
 * comparedWith(partitioning, '2026-11-24|de') // ['2026-11-24|de', '2026-11-23|de', '2026-11-22|de', ...]
 */
export function comparedWith({ spec, dimensions }: Partitioning, partition: string): readonly string[] {
  const at = spec.dimensions.findIndex(({ type }) => type === 'time')
  if (at < 0) return [partition]
  const parts = splitKey(partition)
  const n = dimensions[at]!.numberOf(parts[at]!)
  const before = Array.from({ length: Math.max(0, Math.min(mostBack, n)) }, (_, back) =>
    parts.map((part, dimension) => (dimension === at ? dimensions[at]!.keyOf(n - 1 - back) : part)).join('|'),
  )
  return [partition, ...before]
}
