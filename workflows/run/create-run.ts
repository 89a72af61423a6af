import { ApplicationFailure, CancellationScope, continueAsNew, defineQuery, setHandler } from '@temporalio/workflow'
import type { RunInput, RunProgress, RunResult } from '../../orchestrator/contract/index.ts'
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
    let next: CarriedLedger | null
    try {
      next = await scope.run(() => execution.work())
    } catch (error) {
      scope.cancel()
      const failure = failureOf(error)
      await CancellationScope.nonCancellable(() => execution.abandon(failure))
      if (failure === null) throw error
      const { code: type, message } = failure
      throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [failure] })
    }
    if (next !== null) return continueAsNew<RunWorkflow>(input, next)
    return CancellationScope.nonCancellable(() => execution.finish())
  }
}
