import type { RunInput } from './activities.ts'
import type { AssetKey } from './asset-key.ts'
import type { Failure } from './errors.ts'
import type { Scope } from './names.ts'

export const backfillStatuses = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const
export type BackfillStatus = (typeof backfillStatuses)[number]

/** Some partitions of assets that are made in one run; of assets without any where `partitions` is null. */
export interface BackfillBatch {
  /** Batches of a level begin once those of all lower ones have ended. */
  readonly level: number
  readonly targets: readonly AssetKey[]
  /** A selection of partitions. */
  readonly partitions: string | null
  /** How many partitions of each target. */
  readonly size: number
}

/** What starts a backfill's workflow. */
export interface BackfillInput extends Scope {
  readonly backfill: string
  readonly revision: number
  readonly warehouseQueue: string
  /** Steps under way at once in a run. */
  readonly concurrency: number
  /** Runs under way at once. */
  readonly runs: number
}

/** A batch whose run is to be started. */
export interface ClaimedBatch {
  readonly batch: number
  readonly run: RunInput
}

/** What the backfill workflow answers to the query `progress`. */
export interface BackfillProgress {
  readonly paused: boolean
  /** Batches whose runs are under way. */
  readonly running: readonly number[]
  /** Batches that ended in this execution of the workflow. */
  readonly ended: number
}

/** The record of backfills: local activities; each may run again at any time, and then changes nothing. */
export interface BackfillActivities {
  /** Cuts a backfill into batches, once. */
  planBackfill(input: BackfillInput): Promise<void>
  /** Answers at most so many batches whose runs have not ended: those that were claimed before, then new ones. */
  claimBatches(input: BackfillInput & { readonly limit: number }): Promise<readonly ClaimedBatch[]>
  /** Takes over what became of a batch's run. */
  endBatch(input: BackfillInput & { readonly batch: number; readonly run: string }): Promise<void>
  /** What was claimed and is not under way, as a worker was lost in between, waits again. */
  pauseBackfill(
    input: BackfillInput & { readonly paused: boolean; readonly underWay?: readonly number[] },
  ): Promise<void>
  /** Ends it: as its batches did, or cancelled, or with what went wrong. */
  finishBackfill(
    input: BackfillInput & { readonly cancelled: boolean; readonly failure: Failure | null },
  ): Promise<BackfillStatus>
}

export const backfillWorkflowType = 'backfill'
export const backfillSignals = { pause: 'pause', resume: 'resume' } as const

export function backfillWorkflowId(scope: Scope, backfill: string): string {
  return `${scope.environment}/${scope.project}/backfill/${backfill}`
}
