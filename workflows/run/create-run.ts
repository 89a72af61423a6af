import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  setHandler,
} from '@temporalio/workflow'
import type { RunInput, RunProgress, RunResult } from '../../orchestrator/contract/index.ts'
import { leaseOf } from '../lease.ts'
import { failureOf } from '../step/failure.ts'
import { RunExecution, type HistoryBounds } from './execution.ts'
import type { CarriedLedger } from './ledger.ts'

/** `carried` is what an earlier execution of the same run hands on when its history has grown long. */
export type RunWorkflow = (input: RunInput, carried?: CarriedLedger) => Promise<RunResult>

const progressQuery = defineQuery<RunProgress>('progress')

export function createRun(bounds: HistoryBounds): RunWorkflow {
  return async (input, carried) => {
    const execution = new RunExecution(input, bounds, carried ?? null)
    setHandler(progressQuery, () => execution.progress())
    const scope = new CancellationScope()
    const lease = leaseOf(input)
    let next: CarriedLedger | null
    try {
      next = await scope.run(async () => {
        if (carried === undefined) await lease.acquire()
        return execution.work()
      })
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error
      scope.cancel()
      const failure = failureOf(error)
      await CancellationScope.nonCancellable(() => execution.abandon(failure))
      await lease.release()
      if (failure === null) throw error
      const { code: type, message } = failure
      throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [failure] })
    }
    if (next !== null) return continueAsNew<RunWorkflow>(input, next)
    const result = await CancellationScope.nonCancellable(() => execution.finish())
    await lease.release()
    return result
  }
}
