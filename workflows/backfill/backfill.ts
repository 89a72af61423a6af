import {
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import {
  backfillSignals,
  runWorkflowId,
  runWorkflowType,
  type BackfillActivities,
  type BackfillInput,
  type BackfillProgress,
  type BackfillStatus,
  type ClaimedBatch,
  type RunResult,
} from '../../orchestrator/contract/index.ts'
import { launch } from '../activities.ts'
import { failureOf } from '../step/failure.ts'

const record = proxyLocalActivities<BackfillActivities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '10s' },
})

const pauseSignal = defineSignal(backfillSignals.pause)
const resumeSignal = defineSignal(backfillSignals.resume)
const progressQuery = defineQuery<BackfillProgress>('progress')

/** Batches that end in one execution of the workflow: beyond, it goes on in a new history. */
const mostBatches = 500

/**
 * Makes many partitions, some of them in each of its runs, a few runs at a time. What became of each batch is in the
 * record, so that a new execution goes on where the one before stopped. While it is paused no run is started; those
 * under way go on to their end.
 */
export async function backfill(input: BackfillInput, resumed?: { readonly paused: boolean }): Promise<BackfillStatus> {
  let paused = resumed?.paused ?? false
  let told = paused
  let ended = 0
  let failed: unknown
  const running = new Map<number, Promise<void>>()
  setHandler(pauseSignal, () => void (paused = true))
  setHandler(resumeSignal, () => void (paused = false))
  setHandler(progressQuery, () => ({ paused, running: [...running.keys()], ended }))

  const work = async (): Promise<'done' | 'long'> => {
    if (resumed === undefined) await record.planBackfill(input)
    for (;;) {
      if (told !== paused) {
        told = paused
        await record.pauseBackfill({ ...input, paused: told, underWay: [...running.keys()] })
        continue
      }
      const long = ended >= mostBatches || workflowInfo().continueAsNewSuggested
      if (!paused && !long) {
        const claimed = await record.claimBatches({ ...input, limit: input.runs })
        if (claimed.length === 0 && running.size === 0) return 'done'
        for (const each of claimed) if (!running.has(each.batch)) begin(each)
      }
      if (long && running.size === 0) return 'long'
      const busy = running.size
      await condition(() => running.size < busy || told !== paused || failed !== undefined)
      if (failed !== undefined) throw failed
    }
  }
  const begin = ({ batch, run }: ClaimedBatch): void => {
    const ending = runToItsEnd(input, run)
      .then(() => record.endBatch({ ...input, batch, run: run.run }))
      .then(() => void (ended += 1))
      .catch((error: unknown) => {
        if (!isCancellation(error)) failed ??= error
      })
      .finally(() => running.delete(batch))
    running.set(batch, ending)
  }

  const scope = new CancellationScope()
  try {
    if ((await scope.run(work)) === 'done') {
      return await CancellationScope.nonCancellable(() =>
        record.finishBackfill({ ...input, cancelled: false, failure: null }),
      )
    }
  } catch (error) {
    scope.cancel()
    const failure = failureOf(error)
    await CancellationScope.nonCancellable(async () => {
      await condition(() => running.size === 0)
      await record.finishBackfill({ ...input, cancelled: failure === null, failure })
    })
    throw error
  }
  return continueAsNew<typeof backfill>(input, { paused })
}

/** However a run ends, its record tells. One that is under way already is waited for. */
async function runToItsEnd(scope: BackfillInput, run: ClaimedBatch['run']): Promise<void> {
  const workflowId = runWorkflowId(scope, run.run)
  try {
    await executeChild<(input: ClaimedBatch['run']) => Promise<RunResult>>(runWorkflowType, {
      workflowId,
      taskQueue: run.warehouseQueue,
      args: [run],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    })
  } catch (error) {
    if (isCancellation(error)) throw error
    if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError') {
      await launch.awaitStep({ workflowId })
    }
  }
}
