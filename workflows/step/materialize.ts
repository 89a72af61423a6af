import { ActivityFailure, CancellationScope, isCancellation, TimeoutFailure } from '@temporalio/workflow'
import type { StepInput, StepOutcome, WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { quickWarehouse, record, warehouse } from '../activities.ts'
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
  const outcome = await workWhereItMay(input, work).catch((error: unknown) => {
    if (isCancellation(error)) cancellation = error
    return CancellationScope.nonCancellable(() => record.recordFailure({ ...input, failure: failureOf(error) }))
  })
  if (cancellation !== undefined && outcome.assets.some((asset) => asset.status === 'cancelled')) throw cancellation
  for (const asset of outcome.assets) if (asset.status === 'failed') throw stepFailed(asset.failure, outcome)
  return outcome
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
  return work(warehouse(input.warehouseQueue))
}
