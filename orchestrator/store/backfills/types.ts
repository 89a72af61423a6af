import type { AssetKey, AssetOutcome, BackfillBatch, BackfillStatus, Failure, Scope } from '../../contract/index.ts'

export interface BackfillRow extends Scope {
  readonly backfill: string
  readonly revision: number
  readonly selection: string
  readonly partitions: string
  readonly targets: readonly AssetKey[]
  readonly force: boolean
  readonly batchSize: number
  /** Runs under way at once. */
  readonly runs: number
  readonly status: BackfillStatus
  readonly createdAt: string
  readonly endedAt: string | null
  readonly failure: Failure | null
  readonly batches: Readonly<Record<BackfillBatchStatus, number>>
  /** Partitions that are to be made, of all targets; 0 before it is planned. */
  readonly total: number
  /** Partitions by outcome so far. */
  readonly counts: Readonly<Partial<Record<AssetOutcome['status'], number>>>
}

/** `retried` batches were failed ones, in whose place others are. */
export type BackfillBatchStatus = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'retried'

export interface BackfillBatchRow extends BackfillBatch {
  readonly batch: number
  readonly status: BackfillBatchStatus
  readonly run: string | null
  readonly startedAt: string | null
  readonly endedAt: string | null
}

export interface BackfillStore {
  create(
    input: Pick<
      BackfillRow,
      'backfill' | 'revision' | 'selection' | 'partitions' | 'targets' | 'force' | 'batchSize' | 'runs'
    > & {
      readonly scope: Scope
    },
  ): Promise<void>
  get(backfill: string): Promise<BackfillRow | null>
  list(scope: Scope, limit: number): Promise<BackfillRow[]>
  batches(
    backfill: string,
    page: { readonly limit: number; readonly after?: number; readonly status?: BackfillBatchStatus },
  ): Promise<BackfillBatchRow[]>
  isPlanned(backfill: string): Promise<boolean>
  /** Keeps the batches, unless it has some. */
  savePlan(backfill: string, batches: readonly BackfillBatch[]): Promise<void>
  /** Batches that run, and then the next that may, each with the id of its run. */
  claim(backfill: string, limit: number): Promise<BackfillBatchRow[]>
  /** As its run ended. */
  endBatch(backfill: string, batch: number, run: string): Promise<void>
  /** Batches that are not under way wait. */
  setPaused(backfill: string, paused: boolean, underWay: readonly number[]): Promise<void>
  finish(
    backfill: string,
    end: { readonly cancelled: boolean; readonly failure: Failure | null },
  ): Promise<BackfillStatus>
  /** Puts new batches in the place of those that failed or were cancelled; answers how many. */
  retry(backfill: string): Promise<number>
}
