import type {
  AssetKind,
  DimensionMapping,
  PartitionDimension,
  PartitionMapping,
  PartitionsSpec,
  PartitionUnit,
  TimeDimension,
} from '../../contract/index.ts'
import type { Partitioning } from './partitioning.ts'
import { setOf, unionOf, type PartitionSet, type Range } from './select.ts'
import { windowsOf } from '../calendar/index.ts'

/** Kinds whose own relation shows the latest partition alone: Traitline keeps all of them in a table beside it. */
const latestShown: ReadonlySet<AssetKind> = new Set(['notebook', 'trait', 'user_model', 'audience'])

/** What the upstream's relation shows: what an asset without partitions reads unless it says otherwise. */
export function relationMapping(upstream: PartitionsSpec, kind: AssetKind): PartitionMapping {
  return Object.fromEntries(
    upstream.dimensions.map(({ name, type }) => [
      name,
      { type: type === 'time' && latestShown.has(kind) ? 'latest' : 'all' } as const,
    ]),
  )
}

/** A mapping that cannot be, and what to do instead. */
export interface MappingProblem {
  readonly reason: string
  readonly fix: string
}

/**
 * Which partitions of an upstream a partition reads where nothing is said: the same key of an equal dimension; all
 * windows that overlap its own; all keys of what it has no dimension for.
 */
export function defaultMapping(
  own: PartitionsSpec,
  upstream: PartitionsSpec,
  kind: AssetKind,
): PartitionMapping | MappingProblem {
  const shown = relationMapping(upstream, kind)
  const mapping: Record<string, DimensionMapping> = {}
  for (const dimension of upstream.dimensions) {
    const counterpart = counterpartOf(dimension, own, upstream)
    const found = counterpart === null ? shown[dimension.name]! : defaultOf(counterpart, dimension)
    if ('reason' in found) return found
    mapping[dimension.name] = found
  }
  return mapping
}

export function counterpartOf(
  dimension: PartitionDimension,
  own: PartitionsSpec,
  upstream: PartitionsSpec,
): PartitionDimension | null {
  const named = own.dimensions.find(({ name, type }) => name === dimension.name && type === dimension.type)
  if (named !== undefined) return named
  const ofType = (spec: PartitionsSpec): PartitionDimension[] =>
    spec.dimensions.filter(({ type }) => type === dimension.type)
  const candidates = ofType(own)
  return dimension.type === 'time' && candidates.length === 1 && ofType(upstream).length === 1 ? candidates[0]! : null
}

function defaultOf(own: PartitionDimension, upstream: PartitionDimension): DimensionMapping | MappingProblem {
  if (own.type === 'time' && upstream.type === 'time') {
    return { type: sameWindows(own, upstream) ? 'same' : 'window', of: own.name }
  }
  if (own.type === 'static' && upstream.type === 'static') {
    const lost = own.keys.filter((key) => !upstream.keys.includes(key))
    return lost.length === 0
      ? { type: 'same', of: own.name }
      : {
          reason: `its keys ${lost.slice(0, 3).join(', ')} of ${own.name} are none of the upstream's`,
          fix: `Say which keys each reads: mapPartitions(upstream, { ${own.name}: { ${lost[0]}: ['...'] } })`,
        }
  }
  if (own.type === 'dynamic' && upstream.type === 'dynamic' && own.set === upstream.set)
    return { type: 'same', of: own.name }
  return {
    reason: `its dimension ${own.name} is not made of the same keys as the upstream's`,
    fix: 'Use one definition for both, or read all of them: allPartitions(upstream)',
  }
}

function sameWindows(a: TimeDimension, b: TimeDimension): boolean {
  return a.every === b.every && a.timeZone === b.timeZone && a.offsetMinutes === b.offsetMinutes
}

/** Whether each partition reads one partition of its own key, as parts of a backfill may then be done in any order. */
export function isOneToOne(mapping: PartitionMapping): boolean {
  return Object.values(mapping).every(({ type }) => type === 'same')
}

/** From fine to coarse. */
const rank: Readonly<Record<PartitionUnit, number>> = { hour: 0, day: 1, week: 2, month: 3 }

/** What is wrong with one that was written; null if it can be. */
export function mappingProblem(
  mapping: PartitionMapping,
  own: PartitionsSpec | null,
  upstream: PartitionsSpec,
): MappingProblem | null {
  for (const [name, rule] of Object.entries(mapping)) {
    const dimension = upstream.dimensions.find((each) => each.name === name)
    if (dimension === undefined) {
      const names = upstream.dimensions.map((each) => each.name).join(', ')
      return { reason: `the upstream has no dimension ${name}`, fix: `Its dimensions are ${names}` }
    }
    const found = 'of' in rule ? ruleProblem(rule, dimension, own) : null
    if (found !== null) return found
  }
  return null
}

function ruleProblem(
  rule: Extract<DimensionMapping, { readonly of: string }>,
  upstream: PartitionDimension,
  own: PartitionsSpec | null,
): MappingProblem | null {
  const counterpart = own?.dimensions.find(({ name }) => name === rule.of)
  if (rule.type === 'last') {
    if (upstream.type !== 'time') {
      return { reason: `${upstream.name} has no order in time`, fix: 'Last partitions are those of a time dimension' }
    }
    if (!Number.isInteger(rule.count) || rule.count < 1 || rule.count > 10_000) {
      return { reason: `it reads the last ${rule.count} partitions`, fix: 'Use a whole number from 1 to 10,000' }
    }
    if (counterpart?.type === 'time' && rank[counterpart.every] < rank[upstream.every]) {
      return {
        reason: `it is partitioned by ${counterpart.every}, and reads the last partitions by ${upstream.every}`,
        fix: 'Partition it as coarsely as what it reads, or leave the mapping out',
      }
    }
  }
  if (rule.type !== 'keys') return null
  if (counterpart === undefined || counterpart.type === 'time') {
    return { reason: `it has no dimension ${rule.of} of named keys`, fix: 'Map from one that it has' }
  }
  if (counterpart.type === 'static') {
    const lost = counterpart.keys.filter((key) => rule.keys[key] === undefined)
    if (lost.length > 0) return { reason: `nothing is said of its keys ${lost.join(', ')}`, fix: 'Map each of them' }
  }
  if (upstream.type !== 'static') return null
  const unknown = Object.values(rule.keys)
    .flat()
    .filter((key) => !upstream.keys.includes(key))
  return unknown.length === 0
    ? null
    : { reason: `the upstream has no keys ${unknown.join(', ')}`, fix: `Its keys are ${upstream.keys.join(', ')}` }
}

export interface MappedPartitions {
  readonly set: PartitionSet
  /** Keys, or words for windows, that the mapping asks for and the upstream does not have, or not yet. */
  readonly lacking: readonly string[]
}

/** The partitions of an upstream that partition `n` reads; of an asset without partitions, `own` is null. */
export function mapPartition(
  mapping: PartitionMapping,
  own: { readonly partitioning: Partitioning; readonly n: number } | null,
  upstream: Partitioning,
): MappedPartitions {
  const parts = own === null ? {} : own.partitioning.view(own.n).dimensions
  const lacking: string[] = []
  const sets = upstream.spec.dimensions.map((dimension, at): PartitionSet => {
    const keys = upstream.dimensions[at]!
    const rule = mapping[dimension.name] ?? { type: 'all' }
    const part = 'of' in rule ? parts[rule.of] : undefined
    const named = (wanted: readonly string[]): PartitionSet => {
      lacking.push(...wanted.filter((key) => keys.numberOf(key) < 0))
      return setOf(wanted.map((key) => keys.numberOf(key)).filter((n) => n >= 0))
    }
    if (rule.type === 'latest') return keys.count === 0 ? [] : [[keys.count - 1, keys.count]]
    if (rule.type === 'same' && part !== undefined) return named([part.key])
    if (rule.type === 'keys' && part !== undefined) return named(rule.keys[part.key] ?? [])
    if (dimension.type === 'time' && rule.type === 'last') {
      const end = part?.window ? windowsOf(dimension).at(Date.parse(part.window.end)) : keys.count
      return within([end - rule.count, end], keys.count, lacking)
    }
    if (dimension.type === 'time' && rule.type === 'window' && part?.window) {
      const windows = windowsOf(dimension)
      const from = windows.at(Date.parse(part.window.start))
      return within([from, windows.at(Date.parse(part.window.end) - 1) + 1], keys.count, lacking)
    }
    return [[0, keys.count]]
  })
  return { set: combine(sets, upstream), lacking }
}

/** Windows before the first are not missed; those that have not ended are. */
function within([from, to]: Range, count: number, lacking: string[]): PartitionSet {
  if (to > count)
    lacking.push(to - count === 1 ? 'a window that has not ended' : `${to - count} windows that have not ended`)
  return unionOf([[Math.max(0, from), Math.min(count, to)]])
}

function combine(sets: readonly PartitionSet[], { dimensions }: Partitioning): PartitionSet {
  let numbers: PartitionSet = [[0, 1]]
  for (const [at, set] of sets.entries()) {
    const { count } = dimensions[at]!
    const ranges: Range[] = []
    for (const [first, end] of numbers) {
      for (let n = first; n < end; n++) for (const [from, to] of set) ranges.push([n * count + from, n * count + to])
    }
    numbers = unionOf(ranges)
  }
  return numbers
}
