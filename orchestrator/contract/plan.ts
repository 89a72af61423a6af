import type { AssetKey } from './asset-key.ts'
import type { RetryPolicy } from './retry.ts'

/** Why an asset would be materialised; none means fresh. */
export type StaleReason =
  | { readonly type: 'never_materialized' }
  | { readonly type: 'code_changed' }
  | { readonly type: 'upstream_changed'; readonly upstream: AssetKey }
  /** An upstream will run before it, and may change. */
  | { readonly type: 'upstream_may_change'; readonly upstream: AssetKey }
  | { readonly type: 'last_attempt_failed' }
  /** Its table is in another warehouse than the one in use. */
  | { readonly type: 'warehouse_changed' }
  /** A sync goes elsewhere by now: its destination's configuration, or what the environment says for it, is another. */
  | { readonly type: 'destination_changed' }
  /** A source is looked at in every run. */
  | { readonly type: 'observe' }
  | { readonly type: 'forced' }

/** Which workflow type does a step. */
export const stepWorkflows = {
  source: 'observeSource',
  model: 'buildDbtModels',
  notebook: 'runNotebook',
  trait: 'materializeTrait',
  user_model: 'materializeUserModel',
  audience: 'materializeAudience',
  sync: 'runSync',
} as const

export type StepWorkflow = (typeof stepWorkflows)[keyof typeof stepWorkflows]

/**
 * What one child workflow does: one asset, or the dbt models that go together in one invocation.
 */
export interface PlanStep {
  /** The asset's key; for a dbt group `dbt/<project>`, with `/2` ... where a run needs several. */
  readonly id: string
  readonly workflow: StepWorkflow
  readonly assets: readonly PlannedAsset[]
  /** Steps of this plan that have to end first. */
  readonly after: readonly string[]
  /** Took so little time lately that the worker does it at once, without putting it in a queue of Temporal's first. */
  readonly quick?: true
  /** Of which it needs a slot before it begins. */
  readonly pools?: readonly string[]
  /** Where an asset asks for another than the usual one. */
  readonly retry?: RetryPolicy
}

export interface PlannedAsset {
  readonly key: AssetKey
  /** In the order in which they were found; the first is the one to show. */
  readonly reasons: readonly StaleReason[]
  /**
   * The assets of this plan that it reads: if one of them fails, this one is not started. A partition stands as
   * `key@partition`: see `plannedId`.
   */
  readonly deps: readonly AssetKey[]
  /** The partition to make; absent for an asset without. */
  readonly partition?: string
}

export interface RunPlan {
  /** In topological order. */
  readonly steps: readonly PlanStep[]
  /** Selected and fresh: no workflow is started for them. */
  readonly fresh: readonly AssetKey[]
  /** The same of partitions. */
  readonly freshPartitions?: readonly { readonly key: AssetKey; readonly partitions: readonly string[] }[]
  /** Selected, and left out since somebody, or too many rejected rows, paused them. */
  readonly paused?: readonly AssetKey[]
}

/** What the store knows of an asset, as planning reads it. */
export interface AssetState {
  readonly key: AssetKey
  /** The last materialisation that succeeded; null before the first. */
  readonly latest: {
    readonly codeVersion: string
    /** Of an asset with partitions, that of the latest of them. */
    readonly dataVersion: string
    /** Of an asset with partitions: that of all of them. */
    readonly wholeVersion?: string
    /** The data version of each upstream that it read. */
    readonly upstream: Readonly<Record<AssetKey, string>>
    readonly warehouse: string
    /** How long it took; null where nobody measured. */
    readonly durationMs: number | null
    /** Names of blocking checks that failed on it; of an asset with partitions, on the latest of them. */
    readonly failedChecks: readonly string[]
    /** Of an asset with partitions: on any of them. */
    readonly wholeFailedChecks?: readonly string[]
  } | null
  readonly lastAttempt: 'none' | 'succeeded' | 'failed'
}

export type AssetStates = Readonly<Record<AssetKey, AssetState>>
