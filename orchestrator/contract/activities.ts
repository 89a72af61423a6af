import type { CheckCounts, CheckRunInput, CheckRunStatus } from './check.ts'
import type { Failure } from './errors.ts'
import type { LeaseActivities } from './lease.ts'
import type { AssetOutcome, RunStatus, StepOutcome } from './outcome.ts'
import type { PlanStep } from './plan.ts'
import type { Scope } from './names.ts'

/** What starts a run's workflow. */
export interface RunInput extends Scope {
  readonly run: string
  readonly revision: number
  /** Task queue of the warehouse's owner. */
  readonly warehouseQueue: string
  /** Steps under way at once. */
  readonly concurrency: number
  /** Of which the run needs a slot before it is planned; see `LeaseRequest`. */
  readonly pools?: readonly string[]
}

export type OutcomeCounts = Readonly<Record<AssetOutcome['status'], number>>

export interface RunResult {
  readonly status: RunStatus
  readonly counts: OutcomeCounts
}

/** What the run workflow answers to the query `progress`. */
export interface RunProgress {
  /** Steps of the pages read so far. */
  readonly steps: number
  readonly ended: number
  /** Ids of the steps under way, at most as many as the run's concurrency. */
  readonly running: readonly string[]
  readonly counts: OutcomeCounts
}

/** What starts a step's workflow, and what its activities get: keys and versions, never rows. */
export interface StepInput extends Scope {
  readonly run: string
  readonly revision: number
  readonly warehouseQueue: string
  readonly force: boolean
  readonly step: PlanStep
}

/** A plan in pages, since a plan of 10,000 assets is larger than a payload should be. */
export interface PlanPage {
  readonly steps: readonly PlanStep[]
  /** How many assets of the selection are fresh already. */
  readonly fresh: number
  readonly force: boolean
  /** The page after this one; null at the end. */
  readonly next: number | null
}

/** Activities of the project's queue: planning and the record. Short: workflows call them as local activities. */
export interface RecordActivities {
  /** Plans once, keeps the plan under the run's id, and answers the same plan ever after. */
  planRun(input: RunInput): Promise<PlanPage>
  planPage(input: { readonly run: string; readonly page: number }): Promise<PlanPage>
  /** Answers what the record has instead: an asset that had an outcome in this run keeps it. */
  recordOutcomes(
    input: Scope & { readonly run: string; readonly outcomes: readonly AssetOutcome[] },
  ): Promise<readonly AssetOutcome[]>
  /**
   * Ends the step's assets that have no outcome in this run: failed, or cancelled where `failure` is null.
   * Answers the outcomes of all of them.
   */
  recordFailure(input: StepInput & { readonly failure: Failure | null }): Promise<StepOutcome>
  /** `failure` says what ended the run itself, such as planning; an asset's is with the asset. */
  finishRun(input: RunInput & { readonly result: RunResult; readonly failure: Failure | null }): Promise<void>
}

/** The record of what is beside runs: local activities, as the above. */
export interface WatchActivities {
  /** `failure` says what ended the check run itself. */
  finishChecks(
    input: Scope & {
      readonly run: string
      readonly status: CheckRunStatus
      readonly counts: CheckCounts
      readonly failure: Failure | null
    },
  ): Promise<void>
  /**
   * Judges every freshness policy of the latest revision and records what changed. Answers in how many milliseconds
   * the next status changes by itself; null if none will.
   */
  judgeFreshness(scope: Scope): Promise<{ readonly changesInMs: number | null }>
}

/** Regular activities of the project's queue. */
export interface LaunchActivities {
  /** Waits, heartbeating, for another run's workflow of the same asset to end, however it ends. */
  awaitStep(input: { readonly workflowId: string }): Promise<void>
}

/** A sync's plan, frozen: counts only. */
export interface FrozenSync {
  /** True if nothing changed at the source and nothing waits to be sent. */
  readonly fresh: boolean
  readonly syncRun: string
  readonly batches: number
}

/**
 * Activities of the warehouse's queue. Each judges again, from the record, whether its assets are stale by the time
 * it starts, works, and records: a second execution of the same (run, step) records nothing new.
 */
export interface WarehouseActivities {
  observeSource(input: StepInput): Promise<StepOutcome>
  buildDbtModels(input: StepInput): Promise<StepOutcome>
  runNotebook(input: StepInput): Promise<StepOutcome>
  materializeTrait(input: StepInput): Promise<StepOutcome>
  materializeUserModel(input: StepInput): Promise<StepOutcome>
  materializeAudience(input: StepInput): Promise<StepOutcome>
  freezeSync(input: StepInput): Promise<FrozenSync>
  /** Sends what is frozen and not acknowledged. Holds no lock on the warehouse. */
  sendSync(input: StepInput & { readonly frozen: FrozenSync }): Promise<void>
  /**
   * Merges the journal into the ledger and records the outcome. With `failure`, sending ended badly: what was
   * acknowledged is merged all the same, the sync run ends as failed, and no materialisation is recorded
   * (no outcome either: the workflow records the failure).
   */
  settleSync(input: StepInput & { readonly frozen: FrozenSync; readonly failure: Failure | null }): Promise<StepOutcome>
}

/** Regular activities of the warehouse's queue that materialise nothing. */
export interface CheckActivities {
  /** Evaluates the checks of these assets as they are now, and records them: once in a check run. */
  checkAssets(input: CheckRunInput): Promise<CheckCounts>
}

export type Activities = RecordActivities &
  LaunchActivities &
  LeaseActivities &
  WarehouseActivities &
  WatchActivities &
  CheckActivities
