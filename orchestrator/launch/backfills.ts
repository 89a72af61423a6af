import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import {
  backfillSignals,
  backfillWorkflowId,
  backfillWorkflowType,
  projectQueue,
  TraitlineError,
  type AssetKey,
  type BackfillInput,
  type Scope,
} from '../contract/index.ts'
import type { BackfillRow, Store } from '../store/store.ts'
import { newRunId } from './run-id.ts'

export interface StartBackfill {
  readonly scope: Scope
  readonly revision: number
  /** As it was written; `targets` is what it selects. */
  readonly selection: string
  readonly targets: readonly AssetKey[]
  readonly partitions: string
  readonly force: boolean
  /** Partitions a run, of each asset; 100 unless told. */
  readonly batchSize?: number
  /** Runs under way at once; 2 unless told. */
  readonly runs?: number
  /** Steps under way at once in a run. */
  readonly concurrency: number
  readonly warehouseQueue: string
}

export interface Backfills {
  /** Records it, then starts its workflow. Answers its id. */
  start(input: StartBackfill): Promise<string>
  /** Starts no more runs until it is resumed; those under way go on. */
  pause(row: BackfillRow): Promise<void>
  resume(row: BackfillRow): Promise<void>
  /** Cancels its runs too; what was made stays. */
  cancel(row: BackfillRow): Promise<void>
  /** Makes again what failed or was cancelled, and nothing else. Answers how many batches. */
  retry(row: BackfillRow, how: Pick<StartBackfill, 'concurrency' | 'warehouseQueue'>): Promise<number>
}

const callTimeoutMs = 10_000

/**
 * Starts and steers backfills.
 *
 * @example
 * const backfill = await backfills.start({ scope, revision, selection, targets, partitions: '2026-01..', ... })
 */
export function createBackfills({ client, store }: { readonly client: Client; readonly store: Store }): Backfills {
  const call = <T>(work: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + callTimeoutMs, work)
  const handleOf = (row: BackfillRow) => client.workflow.getHandle(backfillWorkflowId(row, row.backfill))

  const launch = async (input: BackfillInput): Promise<void> => {
    await call(() =>
      client.workflow.start(backfillWorkflowType, {
        workflowId: backfillWorkflowId(input, input.backfill),
        taskQueue: projectQueue(input),
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `Backfill ${input.backfill}`,
      }),
    )
  }
  const steer = async (row: BackfillRow, work: (handle: ReturnType<typeof handleOf>) => Promise<unknown>) => {
    if (row.endedAt !== null) throw ended(row)
    try {
      await call(() => work(handleOf(row)))
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
      // Its workflow is gone: nobody else would end it.
      await store.backfills.finish(row.backfill, { cancelled: true, failure: null })
    }
  }

  return {
    async start({ scope, revision, concurrency, warehouseQueue, batchSize = 100, runs = 2, ...asked }) {
      const backfill = newRunId()
      await store.backfills.create({ scope, backfill, revision, batchSize, runs, ...asked })
      const { environment, project } = scope
      try {
        await launch({ environment, project, backfill, revision, concurrency, warehouseQueue, runs })
      } catch (error) {
        await store.backfills.finish(backfill, { cancelled: true, failure: null })
        throw error
      }
      return backfill
    },
    pause: (row) => steer(row, (handle) => handle.signal(backfillSignals.pause)),
    resume: (row) => steer(row, (handle) => handle.signal(backfillSignals.resume)),
    cancel: (row) => steer(row, (handle) => handle.cancel()),
    async retry(row, { concurrency, warehouseQueue }) {
      if (row.endedAt === null) throw notEnded(row)
      const batches = await store.backfills.retry(row.backfill)
      // Where all was made after all, its workflow has only its end to record.
      if (batches === 0 && (await store.backfills.get(row.backfill))?.endedAt !== null) return 0
      const { environment, project, backfill, revision, runs } = row
      await launch({ environment, project, backfill, revision, runs, concurrency, warehouseQueue })
      return batches
    },
  }
}

function ended({ backfill, status }: BackfillRow): TraitlineError {
  return new TraitlineError({
    code: 'BACKFILL_ENDED',
    message: `backfill ${backfill} has ended: ${status}`,
    hint: `What failed is made again with: traitline backfill retry ${backfill}`,
    blame: 'user',
  })
}

function notEnded({ backfill, status }: BackfillRow): TraitlineError {
  return new TraitlineError({
    code: 'BACKFILL_RUNNING',
    message: `backfill ${backfill} is ${status}`,
    hint: 'Wait for its end, or cancel it first.',
    blame: 'user',
  })
}
