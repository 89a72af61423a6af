import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow'
import type { StepInput, StepOutcome, WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { quickWarehouse, record, warehouse } from '../activities.ts'
import { leaseOf } from '../lease.ts'
import { failureOf, stepFailed } from './failure.ts'

/**
 * One step from start to record: does the work, and if that fails for good, records the failure. The workflow fails
 * if one of its assets did. What was recorded decides, not how the work ended: an attempt may have recorded all and
 * then been lost.
 */
export async function materialize(
  input: StepInput,
  work: (activities: WarehouseActivities) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  let cancellation: unknown
  const outcome = await workWithSlots(input, work).catch((error: unknown) => {
    if (error instanceof ContinueAsNew) throw error
    if (isCancellation(error)) cancellation = error
    else if (wasLostMeanwhile(error)) cancellation = new CancelledFailure('it was cancelled while its worker was gone')
    const failure = cancellation === undefined ? failureOf(error) : null
    return CancellationScope.nonCancellable(() => record.recordFailure({ ...input, failure }))
  })
  if (cancellation !== undefined && outcome.assets.some((asset) => asset.status === 'cancelled')) throw cancellation
  for (const asset of outcome.assets) if (asset.status === 'failed') throw stepFailed(asset.failure, outcome)
  return outcome
}

/** Whoever was asked to stop and has gone has stopped: a cancelled activity is not tried again. */
function wasLostMeanwhile(error: unknown): boolean {
  const { consideredCancelled } = CancellationScope.current()
  return consideredCancelled && error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
}

async function workWithSlots(
  input: StepInput,
  work: (activities: WarehouseActivities) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const lease = leaseOf(input)
  try {
    await lease.acquire()
    const outcome = await workWhereItMay(input, work)
    await lease.release()
    return outcome
  } catch (error) {
    if (!(error instanceof ContinueAsNew)) await lease.release()
    throw error
  }
}

async function workWhereItMay(
  input: StepInput,
  work: (activities: WarehouseActivities) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  if (input.step.quick === true) {
    try {
      return await work(quickWarehouse)
    } catch (error) {
      // It is not so quick any more.
      if (!(error instanceof ActivityFailure && error.cause instanceof TimeoutFailure)) throw error
    }
  }
  return work(warehouse(input.warehouseQueue, input.step.retry))
}
