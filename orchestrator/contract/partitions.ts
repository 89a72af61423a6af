import type { AssetKey } from './asset-key.ts'

/**
 * How an asset is cut into partitions. A partition's key is one key for each dimension, in their order, joined by `|`:
 * `2026-11-24`, `2026-11-24|de`. Keys of single dimensions hold none of `|`, `,`, `@`, `/` and `..`.
 */
export interface PartitionsSpec {
  readonly dimensions: readonly PartitionDimension[]
}

export const partitionUnits = ['hour', 'day', 'week', 'month'] as const
export type PartitionUnit = (typeof partitionUnits)[number]

/**
 * Windows of local time, one after the other. Keys read `2026-11-24T07:00` (hours; with the offset where a local hour
 * comes twice), `2026-11-24` (days, and weeks by their first day) and `2026-11` (months).
 */
export interface TimeDimension {
  readonly type: 'time'
  readonly name: string
  readonly every: PartitionUnit
  /** Local date or date and time: no window begins before it. */
  readonly start: string
  /** No window begins at or after it; null for no end. */
  readonly end: string | null
  /** IANA name. */
  readonly timeZone: string
  /** Minutes by which windows begin after the full hour, midnight, Monday or the first of the month. */
  readonly offsetMinutes: number
}

export interface StaticDimension {
  readonly type: 'static'
  readonly name: string
  readonly keys: readonly string[]
}

/** Keys that are added while it runs, kept in the record under the name of their set. */
export interface DynamicDimension {
  readonly type: 'dynamic'
  readonly name: string
  readonly set: string
}

export type PartitionDimension = TimeDimension | StaticDimension | DynamicDimension

/** Which keys of an upstream's dimension a partition reads, by the key of one of its own dimensions. */
export type DimensionMapping =
  /** The same key. */
  | { readonly type: 'same'; readonly of: string }
  /** The windows that overlap its own. */
  | { readonly type: 'window'; readonly of: string }
  /** The last `count` windows that end no later than its own. */
  | { readonly type: 'last'; readonly of: string; readonly count: number }
  /** Named keys for each of its own. */
  | { readonly type: 'keys'; readonly of: string; readonly keys: Readonly<Record<string, readonly string[]>> }
  | { readonly type: 'all' }
  /** The latest that was materialised. */
  | { readonly type: 'latest' }

/** For each dimension of the upstream, by its name. */
export type PartitionMapping = Readonly<Record<string, DimensionMapping>>

export type PartitionMappings = Readonly<Record<AssetKey, PartitionMapping>>

/** A window of time in UTC, ISO 8601: from `start` up to and without `end`. */
export interface TimeWindow {
  readonly start: string
  readonly end: string
}

/** One partition, as code that makes it sees it. */
export interface PartitionView {
  readonly key: string
  /** Of its time dimension; null if it has none. */
  readonly window: TimeWindow | null
  readonly dimensions: Readonly<Record<string, { readonly key: string; readonly window: TimeWindow | null }>>
}

/** What SQL may ask of the partition that is being made. */
export interface PartitionValue {
  readonly value: 'key' | 'start' | 'end'
  /** Null for the partition as a whole: its whole key, the window of its time dimension. */
  readonly dimension: string | null
}

export const partitionStatuses = ['running', 'materialized', 'failed', 'upstream_failed', 'cancelled'] as const
export type PartitionStatus = (typeof partitionStatuses)[number]

/** How a planned asset, or one partition of it, is named within a plan: `trait/orders`, `trait/orders@2026-11-24`. */
export function plannedId({ key, partition }: { readonly key: AssetKey; readonly partition?: string }): AssetKey {
  return partition === undefined ? key : `${key}@${partition}`
}
