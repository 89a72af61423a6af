import type { DimensionMapping, PartitionDimension, PartitionsSpec, PartitionUnit } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { either, listOf, made, number, object, oneOf, optional, recordOf, text, type Shapes } from './shape.ts'
import { tableReference, type TableReference } from './table-reference.ts'

/** How an asset is cut into partitions; one definition may serve any number of assets. */
export interface Partitions {
  readonly kind: 'partitions'
  readonly spec: PartitionsSpec
}

export const partitionsShape = made('partitions, such as daily({ ... })', 'partitions', {})

export interface TimePartitionsOptions {
  /** Local date or date and time, `2026-01-01` or `2026-01-01T06:00`: no partition begins before it. */
  readonly start: string
  /** No partition begins at or after it; without it there is always a next one. */
  readonly end?: string
  /** IANA name; default `UTC`. Decides where days begin, daylight saving included. */
  readonly timeZone?: string
  /** Minutes after the full hour, midnight, Monday or the first of the month at which partitions begin. */
  readonly offsetMinutes?: number
}

const timeOptions = object({
  start: text,
  end: optional(text),
  timeZone: optional(text),
  offsetMinutes: optional(number),
} satisfies Shapes<TimePartitionsOptions>)

const makers: Readonly<Record<PartitionUnit, string>> = {
  hour: 'hourly',
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
}

/** The dimension is called like its unit. */
function timed(every: PartitionUnit, options: TimePartitionsOptions): Partitions {
  checkArguments(makers[every], { options: timeOptions }, { options })
  return partitions([
    {
      type: 'time',
      name: every,
      every,
      start: options.start,
      end: options.end ?? null,
      timeZone: options.timeZone ?? 'UTC',
      offsetMinutes: options.offsetMinutes ?? 0,
    },
  ])
}

function partitions(dimensions: readonly PartitionDimension[]): Partitions {
  return Object.freeze({ kind: 'partitions', spec: Object.freeze({ dimensions: Object.freeze(dimensions) }) })
}

/** A partition for each hour: `2026-11-24T07:00`. Where clocks are put back, both hours have one. */
export function hourly(options: TimePartitionsOptions): Partitions {
  return timed('hour', options)
}

/**
 * A partition for each day: `2026-11-24`.
 *
 * ```ts
 * const days = daily({ start: '2026-01-01', timeZone: 'Europe/Berlin' })
 * const visits = trait.continuous('visits', {
 *   of: customer,
 *   partitions: days,
 *   from: sql`select customer_id, count(*) as value from ${events}
 *             where at >= ${partition.start} and at < ${partition.end} group by customer_id`,
 * })
 * ```
 */
export function daily(options: TimePartitionsOptions): Partitions {
  return timed('day', options)
}

/** A partition for each week, by the date of its first day: Monday, or another with `offsetMinutes` (Sunday: 8640). */
export function weekly(options: TimePartitionsOptions): Partitions {
  return timed('week', options)
}

/** A partition for each month: `2026-11`. */
export function monthly(options: TimePartitionsOptions): Partitions {
  return timed('month', options)
}

/** A partition for each of these keys: `staticPartitions('country', ['de', 'fr'])`. */
export function staticPartitions(name: string, keys: readonly string[]): Partitions {
  checkArguments('staticPartitions', { name: text, keys: listOf('texts', text) }, { name, keys })
  return partitions([{ type: 'static', name, keys: Object.freeze([...keys]) }])
}

/**
 * A partition for each key that was added with `traitline partitions add` or through the API. Assets that name the
 * same set share its keys.
 */
export function dynamicPartitions(set: string): Partitions {
  checkArguments('dynamicPartitions', { set: text }, { set })
  return partitions([{ type: 'dynamic', name: set, set }])
}

/**
 * A partition for each combination, in any number of dimensions: `2026-11-24|de`.
 *
 * ```ts
 * multi({ day: daily({ start: '2026-01-01' }), country: staticPartitions('country', ['de', 'fr']) })
 * ```
 */
export function multi(dimensions: Readonly<Record<string, Partitions>>): Partitions {
  checkArguments('multi', { dimensions: recordOf('partitions', partitionsShape) }, { dimensions })
  return partitions(
    Object.entries(dimensions).flatMap(([name, { spec }]) =>
      spec.dimensions.map((dimension) => ({
        ...dimension,
        name: spec.dimensions.length === 1 ? name : dimension.name,
      })),
    ),
  )
}

/** One asset that has partitions, and which of them are read. */
export interface PartitionRead {
  readonly kind: 'partition_read'
  readonly table: TableReference
  readonly rule: ReadRule
}

export const partitionRead = made('partitions of an asset, such as lastPartitions(asset, 7)', 'partition_read', {
  table: tableReference,
})
export const partitionReads = listOf('partitions of assets', partitionRead)

/** A rule for the upstream's time dimension, for all of its dimensions, or for each that is named. */
export type ReadRule =
  | { readonly type: 'last'; readonly count: number }
  | { readonly type: 'all' | 'latest' }
  | { readonly type: 'map'; readonly dimensions: Readonly<Record<string, DimensionRule>> }

/** Named keys of the upstream for each key of the same dimension of one's own, or one of the words. */
export type DimensionRule =
  'all' | 'latest' | { readonly last: number } | { readonly [ownKey: string]: readonly string[] }

const dimensionRule = either(oneOf(['all', 'latest']), recordOf('lists of keys', either(number, listOf('texts', text))))

function readRule(table: TableReference, rule: ReadRule): PartitionRead {
  return Object.freeze({ kind: 'partition_read', table, rule })
}

/**
 * The last `count` windows of an asset up to the partition that is made; of one that has no partitions, up to now.
 *
 * ```ts
 * sql`select customer_id, sum(spent) as value from ${lastPartitions(dailySpending, 7)} group by customer_id`
 * ```
 */
export function lastPartitions(table: TableReference, count: number): PartitionRead {
  checkArguments('lastPartitions', { table: tableReference, count: number }, { table, count })
  return readRule(table, { type: 'last', count })
}

/** All partitions of an asset. */
export function allPartitions(table: TableReference): PartitionRead {
  checkArguments('allPartitions', { table: tableReference }, { table })
  return readRule(table, { type: 'all' })
}

/** The latest partition of an asset. */
export function latestPartition(table: TableReference): PartitionRead {
  checkArguments('latestPartition', { table: tableReference }, { table })
  return readRule(table, { type: 'latest' })
}

/**
 * Dimension by dimension: named keys for each of one's own, `all`, `latest` or `{ last: 7 }`. What is not named is read
 * as it is by default.
 *
 * ```ts
 * mapPartitions(byCountry, { country: { north: ['de', 'dk'], south: ['it'] } })
 * ```
 */
export function mapPartitions(
  table: TableReference,
  dimensions: Readonly<Record<string, DimensionRule>>,
): PartitionRead {
  checkArguments(
    'mapPartitions',
    { table: tableReference, dimensions: recordOf('rules', dimensionRule) },
    { table, dimensions },
  )
  return readRule(table, { type: 'map', dimensions })
}

/** Of the rule for one dimension, what the manifest says; `of` is the dimension of one's own that it goes by. */
export function dimensionMapping(rule: DimensionRule, of: string): DimensionMapping {
  if (rule === 'all' || rule === 'latest') return { type: rule }
  if (typeof (rule as { last?: unknown }).last === 'number') {
    return { type: 'last', of, count: (rule as { readonly last: number }).last }
  }
  return { type: 'keys', of, keys: rule as Readonly<Record<string, readonly string[]>> }
}

/** Something of the partition that is being made, as SQL may ask for it. */
export interface PartitionParameter {
  readonly kind: 'partition_value'
  readonly value: 'key' | 'start' | 'end'
  readonly dimension: string | null
}

export const partitionParameter = made('the partition, such as partition.start', 'partition_value', {})

interface PartitionParameters {
  /** Its key, as text. */
  readonly key: PartitionParameter
  /** First instant of its window, a timestamp in UTC. */
  readonly start: PartitionParameter
  /** First instant after its window. */
  readonly end: PartitionParameter
}

function parameters(dimension: string | null): PartitionParameters {
  const of = (value: PartitionParameter['value']): PartitionParameter =>
    Object.freeze({ kind: 'partition_value', value, dimension })
  return { key: of('key'), start: of('start'), end: of('end') }
}

/**
 * The partition that SQL is run for: `${partition.key}`, `${partition.start}`, `${partition.end}`, and of one
 * dimension `${partition.of('country').key}`. They travel as parameters.
 */
export const partition: PartitionParameters & { of(dimension: string): PartitionParameters } = Object.freeze({
  ...parameters(null),
  of: (dimension: string) => Object.freeze(parameters(dimension)),
})

/** What assets say of themselves that may be made in partitions. */
export interface PartitionOptions {
  /** How it is cut into partitions, each made and replaced by itself. */
  readonly partitions?: Partitions
  /**
   * Which partitions of what it reads, where it is not what is read by default: the same key, all windows that overlap
   * its own, and for an asset without partitions the latest of a trait, all of a model or source.
   */
  readonly reads?: readonly PartitionRead[]
}

export const partitionOptions = {
  partitions: optional(partitionsShape),
  reads: optional(partitionReads),
} satisfies Shapes<PartitionOptions>

/** PartitionOptions with nothing left out. */
export interface PartitionInfo {
  readonly partitions: Partitions | null
  readonly reads: readonly PartitionRead[]
}

export function partitionInfo(options: PartitionOptions, more: readonly PartitionRead[] = []): PartitionInfo {
  return {
    partitions: options.partitions ?? null,
    reads: Object.freeze([...(options.reads ?? []), ...more]),
  }
}
