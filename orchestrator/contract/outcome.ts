import type { AssetKey } from './asset-key.ts'
import type { CheckResult } from './check.ts'
import type { Failure } from './errors.ts'
import type { JsonObject } from './json.ts'

/** Statistics of one column of a materialisation. Values of categories only where the trait declares them. */
export interface ColumnStatistics {
  readonly column: string
  readonly count: number
  readonly nulls: number
  readonly distinct: number
  readonly numeric: {
    readonly min: number
    readonly mean: number
    readonly max: number
    readonly stddev: number
    /** At 5, 25, 50, 75 and 95 %. */
    readonly quantiles: readonly [number, number, number, number, number]
    /** Equal widths from min to max; the last bucket includes its upper edge. */
    readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[]
  } | null
  /** By count, then name; a boolean's are `true` and `false`. */
  readonly categories: readonly { readonly value: string; readonly count: number }[] | null
}

/** One materialisation as an activity reports it and the store keeps it. */
export interface Materialization {
  readonly asset: AssetKey
  readonly codeVersion: string
  /** Fingerprint of the content, with its algorithm's name before a colon. */
  readonly dataVersion: string
  readonly upstream: Readonly<Record<AssetKey, string>>
  readonly warehouse: string
  readonly rows: number | null
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  readonly statistics: readonly ColumnStatistics[]
  readonly checks: readonly CheckResult[]
  /** Numbers and short texts: a model's metrics, a sync's counts. */
  readonly metadata: JsonObject
}

/** `partition` is the one that it is about; absent for an asset without. */
export type AssetOutcome =
  | {
      readonly asset: AssetKey
      readonly status: 'materialized'
      readonly dataVersion: string
      readonly rows: number | null
      readonly durationMs: number
      /** Names of failed blocking checks: what is downstream does not run. */
      readonly failedChecks: readonly string[]
      /** One short clause for people, such as `42 sent, 3 removed`; null if rows say it all. */
      readonly summary: string | null
      readonly partition?: string
    }
  | { readonly asset: AssetKey; readonly status: 'fresh'; readonly partition?: string }
  | { readonly asset: AssetKey; readonly status: 'failed'; readonly failure: Failure; readonly partition?: string }
  | {
      readonly asset: AssetKey
      readonly status: 'upstream_failed'
      readonly upstream: AssetKey
      readonly reason: string
      readonly partition?: string
    }
  | { readonly asset: AssetKey; readonly status: 'cancelled'; readonly partition?: string }

export type AssetOutcomeStatus = AssetOutcome['status']

export interface StepOutcome {
  readonly assets: readonly AssetOutcome[]
}

export const runStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
export type RunStatus = (typeof runStatuses)[number]
