import { TraitlineError, type AssetKey, type PartitionsSpec, type TimeDimension } from '../../contract/index.ts'
import type { DimensionKeys, Partitioning } from './partitioning.ts'
import { parseLocal, windowsOf, zone } from '../calendar/index.ts'

/** Numbers `[from, to)`. */
export type Range = readonly [from: number, to: number]

/** Partitions by number, as ranges in order that neither overlap nor touch: a year of hours is one pair. */
export type PartitionSet = readonly Range[]

/** What only the record can tell: partitions without a materialisation, or whose last attempt failed. */
export type RecordedSelection = 'missing' | 'failed'

export function isRecorded(selection: string): selection is RecordedSelection {
  return selection === 'missing' || selection === 'failed'
}

/**
 * The partitions that a selection names:
 *
 * - `latest`, `all`
 * - a key, or several with commas: `2026-11-24`, `de,fr`, `2026-11-24|de`
 * - a time of any unit: `2026-11` selects the days or hours of that month, and the week that holds them
 * - a range, both ends included, either left out: `2026-01-01..2026-01-31`, `2026-01..`
 * - of several dimensions, a range of whole keys in their order, the last dimension fastest: `2026-11-24|de..2026-11-25|fr`
 * - dimension by dimension: `day=2026-01..,country=de,fr`; one that is not named is not limited
 *
 * Throws PARTITION_UNKNOWN for a key that is none, PARTITION_EMPTY for a selection that leaves nothing.
 */
export function selectPartitions(asset: AssetKey, selection: string, partitioning: Partitioning): PartitionSet {
  const { spec, dimensions } = partitioning
  const segments = selection.split(',').map((segment) => segment.trim())
  const whole = segments.filter((segment) => segment.includes('|'))
  if (whole.length > 0) {
    return filled(
      asset,
      selection,
      partitioning,
      unionOf(segments.map((each) => wholeRange(asset, each, partitioning))),
    )
  }
  const terms = termsByDimension(asset, segments, spec)
  const sets = spec.dimensions.map((dimension, at): PartitionSet => {
    const keys = dimensions[at]!
    const own = terms.get(dimension.name) ?? ['all']
    const timed = dimension.type === 'time' ? dimension : null
    return unionOf(own.flatMap((term) => rangeOf(asset, term, keys, timed)))
  })
  const selected = product(
    sets,
    dimensions.map(({ count }) => count),
  )
  return filled(asset, selection, partitioning, selected)
}

function filled(asset: AssetKey, selection: string, partitioning: Partitioning, set: PartitionSet): PartitionSet {
  if (set.length === 0) throw nothing(asset, selection, partitioning)
  return set
}

export function sizeOf(set: PartitionSet): number {
  return set.reduce((sum, [from, to]) => sum + to - from, 0)
}

export function* numbersIn(set: PartitionSet): Generator<number> {
  for (const [from, to] of set) for (let n = from; n < to; n++) yield n
}

/** Numbers in any order, some of them more than once, as ranges. */
export function setOf(numbers: Iterable<number>): PartitionSet {
  return unionOf([...numbers].map((n): Range => [n, n + 1]))
}

export function unionOf(ranges: readonly Range[]): PartitionSet {
  const sorted = ranges.filter(([from, to]) => from < to).sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** All of `count` partitions but those. */
export function complementOf(set: PartitionSet, count: number): PartitionSet {
  const rest: Range[] = []
  let next = 0
  for (const [from, to] of set) {
    if (next < from) rest.push([next, from])
    next = to
  }
  if (next < count) rest.push([next, count])
  return rest
}

/** A set as a selection that selects it again: `2026-01-01..2026-03-31,2026-05-01`. */
export function writeSelection(set: PartitionSet, partitioning: Partitioning): string {
  const { keyOf } = partitioning
  // Keys that are added meanwhile are not to come between the ends of a range: those of the first dimension go last.
  const growing = partitioning.spec.dimensions.some(({ type }, at) => type === 'dynamic' && at > 0)
  const parts = growing
    ? [...numbersIn(set)].map(keyOf)
    : set.map(([from, to]) => (to - from === 1 ? keyOf(from) : `${keyOf(from)}..${keyOf(to - 1)}`))
  return parts.join(',')
}

function termsByDimension(
  asset: AssetKey,
  segments: readonly string[],
  spec: PartitionsSpec,
): ReadonlyMap<string, string[]> {
  const names = spec.dimensions.map(({ name }) => name)
  const only = spec.dimensions.length === 1 ? names[0] : spec.dimensions.find(({ type }) => type === 'time')?.name
  const terms = new Map<string, string[]>()
  let current = only
  for (const segment of segments) {
    const named = /^([a-z][a-z0-9_]*)=(.*)$/.exec(segment)
    if (named !== null) {
      current = named[1] as string
      if (!names.includes(current)) throw unknownDimension(asset, current, names)
    }
    const term = named === null ? segment : (named[2] as string)
    if (segment === 'all' || segment === 'latest') {
      if (segment === 'latest' && only !== undefined && isTime(spec, only)) terms.set(only, [term])
      continue
    }
    if (current === undefined) throw unknownDimension(asset, term, names)
    terms.set(current, [...(terms.get(current) ?? []), term])
  }
  return terms
}

function isTime(spec: PartitionsSpec, name: string): boolean {
  return spec.dimensions.some((dimension) => dimension.name === name && dimension.type === 'time')
}

function wholeKey(asset: AssetKey, key: string, partitioning: Partitioning): number {
  const n = partitioning.numberOf(key)
  if (n < 0) throw unknownKey(asset, key, partitioning.count === 0 ? null : partitioning.keyOf(partitioning.count - 1))
  return n
}

function wholeRange(asset: AssetKey, segment: string, partitioning: Partitioning): Range {
  const [from, to, ...more] = segment.split('..') as [string, ...string[]]
  if (more.length > 0) throw unknownKey(asset, segment, null)
  const first = wholeKey(asset, from, partitioning)
  const last = to === undefined ? first : wholeKey(asset, to, partitioning)
  if (last < first) throw backwards(asset, segment)
  return [first, last + 1]
}

function rangeOf(asset: AssetKey, term: string, keys: DimensionKeys, timed: TimeDimension | null): Range[] {
  if (term === 'all') return [[0, keys.count]]
  if (term === 'latest') return [[Math.max(0, keys.count - 1), keys.count]]
  const [from, to, ...more] = term.split('..')
  if (more.length > 0 || term === '') throw unknownKey(asset, term, exampleOf(keys))
  if (to === undefined) {
    const range = pointOf(term, keys, timed)
    if (range === null || range[0] >= keys.count || range[1] <= 0) throw unknownKey(asset, term, exampleOf(keys))
    return [clipped(range, keys.count)]
  }
  const first = from === '' ? 0 : pointOf(from as string, keys, timed)
  const last = to === '' ? keys.count : pointOf(to, keys, timed)
  if (first === null) throw unknownKey(asset, from as string, exampleOf(keys))
  if (last === null) throw unknownKey(asset, to, exampleOf(keys))
  const [start, end] = [typeof first === 'number' ? first : first[0], typeof last === 'number' ? last : last[1]]
  if (end <= start && from !== '' && to !== '') throw backwards(asset, term)
  return [clipped([start, end], keys.count)]
}

function clipped([from, to]: Range, count: number): Range {
  return [Math.max(0, from), Math.min(count, to)]
}

/** What a key, or a time of any unit, stands for among the keys of a dimension; not yet held against its ends. */
function pointOf(text: string, keys: DimensionKeys, timed: TimeDimension | null): Range | null {
  if (timed === null) {
    const n = keys.numberOf(text)
    return n < 0 ? null : [n, n + 1]
  }
  const windows = windowsOf(timed)
  const exact = windows.numberOf(text)
  if (exact !== null) return [exact, exact + 1]
  const time = timeOf(text, timed.timeZone)
  return time === null ? null : [windows.at(time[0]), windows.at(time[1] - 1) + 1]
}

/** `2026`, `2026-11`, `2026-11-24`, `2026-11-24T07:00` as instants `[from, to)`. */
function timeOf(text: string, timeZone: string): Range | null {
  const local = zone(timeZone)
  if (/^\d{4}(-\d{2})?$/.test(text)) {
    const [year, month] = text.split('-').map(Number) as [number, number | undefined]
    if (month !== undefined && (month < 1 || month > 12)) return null
    const next = month === undefined ? Date.UTC(year + 1, 0) : Date.UTC(year, month)
    return [local.firstAt(Date.UTC(year, (month ?? 1) - 1)), local.firstAt(next)]
  }
  const wall = parseLocal(text)
  if (wall === null) return null
  const length = text.length === 10 ? 86_400_000 : 3_600_000
  return [local.firstAt(wall), local.firstAt(wall + length)]
}

/** Every combination, as ranges of the combined number: whole dimensions at the end stay ranges. */
function product(sets: readonly PartitionSet[], counts: readonly number[]): PartitionSet {
  let combined: PartitionSet = [[0, 1]]
  for (const [at, set] of sets.entries()) {
    const count = counts[at]!
    const full = set.length === 1 && set[0]![0] === 0 && set[0]![1] === count
    combined = full
      ? combined.map(([from, to]): Range => [from * count, to * count])
      : unionOf(
          [...numbersIn(combined)].flatMap((n) => set.map(([from, to]): Range => [n * count + from, n * count + to])),
        )
  }
  return unionOf(combined)
}

function backwards(asset: AssetKey, range: string): TraitlineError {
  const [from, to] = range.split('..')
  return new TraitlineError({
    code: 'PARTITION_RANGE_BACKWARDS',
    message: `the range ${range} of ${asset} ends before it begins`,
    hint: `Write its ends the other way round: ${to}..${from}`,
    blame: 'user',
  })
}

function exampleOf(keys: DimensionKeys): string | null {
  return keys.count === 0 ? null : keys.keyOf(keys.count - 1)
}

function unknownKey(asset: AssetKey, key: string, example: string | null): TraitlineError {
  return new TraitlineError({
    code: 'PARTITION_UNKNOWN',
    message: `${asset} has no partition ${key}`,
    hint:
      example === null
        ? 'It has none so far: see when its first one ends, or add a key with `traitline partitions add`.'
        : `Its latest is ${example}; a window of time is a partition once it has ended. List them: traitline partitions list ${asset}`,
    blame: 'user',
  })
}

function unknownDimension(asset: AssetKey, name: string, names: readonly string[]): TraitlineError {
  return new TraitlineError({
    code: 'PARTITION_UNKNOWN',
    message: `${asset} has no dimension for ${name}`,
    hint: `Its dimensions are ${names.join(', ')}: write ${names.map((each) => `${each}=...`).join(',')}, or whole keys.`,
    blame: 'user',
  })
}

function nothing(asset: AssetKey, selection: string, { count }: Partitioning): TraitlineError {
  return new TraitlineError({
    code: 'PARTITION_EMPTY',
    message: `${asset} has no partition in ${selection}${count === 0 ? ', and none at all so far' : ''}`,
    hint: `List those that it has: traitline partitions list ${asset}`,
    blame: 'user',
  })
}
