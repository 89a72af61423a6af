import type { Failure } from './errors.ts'
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
}

export interface RunResult {
  readonly status: RunStatus
  readonly counts: Readonly<Record<AssetOutcome['status'], number>>
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
  recordOutcomes(input: RunInput & { readonly outcomes: readonly AssetOutcome[] }): Promise<void>
  recordFailure(input: StepInput & { readonly failure: Failure | null }): Promise<StepOutcome>
  finishRun(input: RunInput & { readonly result: RunResult }): Promise<void>
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
  /** Merges the journal into the ledger and records the outcome. */
  settleSync(input: StepInput & { readonly frozen: FrozenSync }): Promise<StepOutcome>
}

export type Activities = RecordActivities & LaunchActivities & WarehouseActivities

