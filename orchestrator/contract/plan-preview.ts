import type { AssetKey, AssetKind } from './asset-key.ts'
import type { ManifestDiff } from './manifest-diff.ts'
import type { StaleReason, StepWorkflow } from './plan.ts'

/** What a run would do, told before there is one. */
export interface PlanPreview {
  readonly environment: string
  readonly project: string
  /** The revision that would run; null for a working copy that is not deployed. */
  readonly revision: number | null
  readonly selection: string
  /** Which partitions, as it was written; absent for the latest. */
  readonly partitions?: string
  readonly force: boolean
  /** Steps under way at once, as the estimate has it. */
  readonly concurrency: number
  /** In the order in which they may run. */
  readonly steps: readonly PreviewStep[]
  /** Selected, and nothing to do. */
  readonly fresh: readonly AssetKey[]
  readonly counts: PreviewCounts
  readonly estimate: PlanEstimate
  /** Of a working copy: how it differs from what is deployed. */
  readonly changes: ManifestDiff | null
}

export interface PreviewCounts {
  /** Assets that run whatever their inputs turn out to hold. */
  readonly certain: number
  /** Assets that run if what they read comes out changed. */
  readonly possible: number
  /** Assets that would be asked for in vain: nothing is built on what failed a blocking check, or was never made. */
  readonly blocked: number
  readonly fresh: number
}

export interface PlanEstimate {
  /** If every step runs, in milliseconds. */
  readonly mostMs: number
  /** If nothing comes out changed but what runs for certain. */
  readonly leastMs: number
  /** Steps that nothing is known of: they are in neither sum. */
  readonly unknownSteps: number
  /** The steps that decide how long the whole takes, first to last; with the concurrency of the run. */
  readonly criticalPath: readonly string[]
}

export interface PreviewStep {
  readonly id: string
  readonly workflow: StepWorkflow
  readonly after: readonly string[]
  readonly estimate: StepEstimate
  readonly assets: readonly PreviewAsset[]
}

export interface StepEstimate {
  /** Milliseconds; null where nothing was ever measured. */
  readonly ms: number | null
  /** `history`: the median of its own latest materialisations. `kind`: of others of its kind, since it has none. */
  readonly from: 'history' | 'kind' | 'nothing'
  /** When it would start, in milliseconds from the start of the run, if every step runs. */
  readonly startMs: number
}

export type Prospect = 'certain' | 'possible' | 'blocked'

export interface PreviewAsset {
  readonly key: AssetKey
  readonly kind: AssetKind
  readonly prospect: Prospect
  /** The first is the one to show. */
  readonly reasons: readonly PreviewReason[]
  /** Why it would be asked for in vain; null unless `prospect` is `blocked`. */
  readonly blocked: { readonly upstream: AssetKey; readonly text: string } | null
  readonly reads: readonly PreviewRead[]
  readonly code: CodeChange | null
  /** Of an asset with partitions. */
  readonly partitions?: PreviewPartitions
  /** Of a sync: rows of its last run that are still owed to the destination. */
  readonly owed: { readonly rejected: number; readonly unfinished: boolean } | null
}

/** An asset's partitions in counts and ranges: there may be any number of them. */
export interface PreviewPartitions {
  /** All that it has by now, and of those: never made; failed at the last attempt; with a failed blocking check. */
  readonly total: number
  readonly missing: number
  readonly failed: number
  readonly failing: number
  /** What the plan is about, and what would become of it. */
  readonly selected: number
  readonly certain: number
  readonly possible: number
  readonly blocked: number
  readonly fresh: number
  /** Those that would be made. */
  readonly runs: PreviewPartitionRanges
  /** What would keep some of them from being made. */
  readonly obstacles: readonly {
    readonly upstream: AssetKey
    readonly text: string
    readonly partitions: PreviewPartitionRanges
  }[]
}

export interface PreviewPartitionRanges {
  readonly count: number
  /** In order, both ends included; some of them where there are many. */
  readonly ranges: readonly { readonly from: string; readonly to: string; readonly partitions: number }[]
  /** Ranges that are not listed. */
  readonly more: number
}

export interface PreviewReason {
  readonly type: StaleReason['type']
  readonly upstream: AssetKey | null
  /** In words, as part of a sentence. */
  readonly text: string
  /** Of an asset with partitions: which of them have it. */
  readonly partitions?: PreviewPartitionRanges
}

/** Which version of an upstream it would read. */
export interface PreviewRead {
  readonly asset: AssetKey
  /** Revision by which the upstream was last materialised; null before the first. */
  readonly revision: number | null
  readonly run: string | null
  readonly materializedAt: string | null
  readonly dataVersion: string | null
  /** The version that its own last materialisation read; null for none. */
  readonly readBefore: string | null
  readonly state: 'same' | 'changed' | 'may_change' | 'missing'
}

/** How a definition differs from the one that was last materialised. */
export interface CodeChange {
  /** The revision whose definition was last materialised; null if it is not known any more. */
  readonly sinceRevision: number | null
  readonly fields: readonly FieldChange[]
}

export interface FieldChange {
  /** Path in the definition: `origin.sql`, `where.of[1].test.value`. */
  readonly field: string
  /** Lines of a unified difference for texts of several lines; `- before` and `+ after` otherwise. */
  readonly lines: readonly string[]
}
