import type { PartitionDimension, PartitionsSpec, PartitionView, TimeWindow } from '../../contract/index.ts'
import { windowsOf } from '../calendar/index.ts'

/** What the clock and the record say of partitions: which windows have ended, which keys were added. */
export interface PartitionFacts {
  /** Milliseconds: a window is a partition once it has ended. */
  readonly now: number
  /** Keys of dynamic dimensions by their set, in the order in which they were added. */
  readonly dynamic: Readonly<Record<string, readonly string[]>>
}

/** The keys of one dimension, numbered from 0 without gaps. */
export interface DimensionKeys {
  readonly count: number
  keyOf(n: number): string
  /** -1 if it is none of its keys. */
  numberOf(key: string): number
}

/** The partitions of an asset, numbered from 0, the last dimension fastest. Nothing is enumerated but on demand. */
export interface Partitioning {
  readonly spec: PartitionsSpec
  readonly dimensions: readonly DimensionKeys[]
  readonly count: number
  keyOf(n: number): string
  /** -1 if it is no partition's key, or not one's yet. */
  numberOf(key: string): number
  view(n: number): PartitionView
  /** Where it stands among others in time, else in order: what pages are sorted by. */
  positionOf(n: number): number
  /** The number of the window that holds a position, which may be none of its; for partitions of time alone. */
  numberAt(position: number): number
  /** Where time alone tells them apart, by hours or days: how long nearly all of them are. */
  readonly everyMs: number | null
}

export function openPartitioning(spec: PartitionsSpec, facts: PartitionFacts): Partitioning {
  const dimensions = spec.dimensions.map((dimension) => keysOf(dimension, facts))
  const count = dimensions.reduce((product, each) => product * each.count, 1)
  const timed = spec.dimensions.findIndex(({ type }) => type === 'time')
  const numbersOf = (n: number): number[] => {
    const numbers: number[] = []
    let rest = n
    for (let at = dimensions.length - 1; at >= 0; at--) {
      const size = dimensions[at]!.count
      numbers[at] = rest % size
      rest = Math.floor(rest / size)
    }
    return numbers
  }
  const windowOf = (at: number, n: number): TimeWindow | null => {
    const dimension = spec.dimensions[at]
    if (dimension?.type !== 'time') return null
    const windows = windowsOf(dimension)
    return { start: iso(windows.startOf(n)), end: iso(windows.startOf(n + 1)) }
  }
  return {
    spec,
    dimensions,
    count,
    keyOf: (n) =>
      numbersOf(n)
        .map((number, at) => dimensions[at]!.keyOf(number))
        .join('|'),
    numberOf(key) {
      const parts = splitKey(key)
      if (parts.length !== dimensions.length) return -1
      let n = 0
      for (const [at, part] of parts.entries()) {
        const number = dimensions[at]!.numberOf(part)
        if (number < 0) return -1
        n = n * dimensions[at]!.count + number
      }
      return n
    },
    view(n) {
      const numbers = numbersOf(n)
      return {
        key: numbers.map((number, at) => dimensions[at]!.keyOf(number)).join('|'),
        window: timed < 0 ? null : windowOf(timed, numbers[timed]!),
        dimensions: Object.fromEntries(
          spec.dimensions.map(({ name }, at) => [
            name,
            { key: dimensions[at]!.keyOf(numbers[at]!), window: windowOf(at, numbers[at]!) },
          ]),
        ),
      }
    },
    positionOf(n) {
      const dimension = spec.dimensions[timed]
      if (dimension?.type !== 'time') return n
      return windowsOf(dimension).startOf(dimensions.length === 1 ? n : numbersOf(n)[timed]!)
    },
    numberAt(position) {
      const dimension = spec.dimensions[timed]
      return dimension?.type === 'time' ? windowsOf(dimension).at(position) : position
    },
    everyMs: dimensions.length === 1 ? lengthOf(spec.dimensions[0]!) : null,
  }
}

function lengthOf(dimension: PartitionDimension): number | null {
  if (dimension.type !== 'time') return null
  return dimension.every === 'hour' ? 3_600_000 : dimension.every === 'day' ? 86_400_000 : null
}

/** The keys of a partition's dimensions, in their order. */
export function splitKey(key: string): string[] {
  return key.split('|')
}

/** The window of a partition's time dimension, whether it has ended or not; null without one. */
export function windowOfKey({ dimensions }: PartitionsSpec, key: string): TimeWindow | null {
  const at = dimensions.findIndex(({ type }) => type === 'time')
  const dimension = dimensions[at]
  if (dimension?.type !== 'time') return null
  const windows = windowsOf(dimension)
  const n = windows.numberOf(splitKey(key)[at] ?? '')
  return n === null ? null : { start: iso(windows.startOf(n)), end: iso(windows.startOf(n + 1)) }
}

/** A key of one dimension, as people may name it. */
export const partitionKeyPattern = /^(?!.*\.\.)[\p{L}\p{N}](?:[\p{L}\p{N} _.:+-]{0,98}[\p{L}\p{N}])?$/u

function keysOf(dimension: PartitionDimension, facts: PartitionFacts): DimensionKeys {
  if (dimension.type !== 'time')
    return listed(dimension.type === 'static' ? dimension.keys : (facts.dynamic[dimension.set] ?? []))
  const windows = windowsOf(dimension)
  // Window n has ended if n + 1 has begun.
  const count = Math.max(0, Math.min(windows.most, windows.at(facts.now)))
  // Of several dimensions the same few windows are asked for again and again.
  const known = new Map<string, number>()
  return {
    count,
    keyOf: windows.keyOf,
    numberOf(key) {
      let n = known.get(key)
      if (n === undefined) {
        n = windows.numberOf(key) ?? -1
        if (known.size < mostRemembered) known.set(key, n)
      }
      return n < count ? Math.max(n, -1) : -1
    },
  }
}

const mostRemembered = 5_000

const places = new WeakMap<readonly string[], ReadonlyMap<string, number>>()

function listed(keys: readonly string[]): DimensionKeys {
  let place = places.get(keys)
  if (place === undefined) places.set(keys, (place = new Map(keys.map((key, n) => [key, n]))))
  const known = place
  return { count: keys.length, keyOf: (n) => keys[n]!, numberOf: (key) => known.get(key) ?? -1 }
}

export function iso(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}
