import { CancellationScope, ChildWorkflowCancellationType, executeChild, ParentClosePolicy } from '@temporalio/workflow'
import {
  stepWorkflowId,
  type AssetOutcome,
  type StepInput,
  type StepOutcome,
} from '../../orchestrator/contract/index.ts'
import { launch, record } from '../activities.ts'
import { failureOf, outcomeOf } from '../step/failure.ts'
import { summaryOf } from './reasons.ts'

/**
 * Runs a step's workflow to its end and answers what became of its assets, whatever happened. While another run is
 * busy with the same assets it waits, and then starts its own: that one judges again, and may find them fresh.
 */
export async function runStep(input: StepInput): Promise<readonly AssetOutcome[]> {
  const workflowId = stepWorkflowId(input, input.step.id)
  for (;;) {
    try {
      return (await executeStep(workflowId, input)).assets
    } catch (error) {
      if (isAlreadyStarted(error)) await launch.awaitStep({ workflowId })
      else return (outcomeOf(error) ?? (await endWithoutAWord(input, error))).assets
    }
  }
}

/**
 * While a worker does a step within the workflow's own task, it looks for news, such as a cancellation, after four
 * fifths of this. A worker that was killed is missed after all of it.
 */
const quickTaskTimeout = '5s'

function executeStep(workflowId: string, input: StepInput): Promise<StepOutcome> {
  return executeChild<(input: StepInput) => Promise<StepOutcome>>(input.step.workflow, {
    workflowId,
    args: [input],
    // Where the warehouse's owner is, which does it itself.
    ...(input.step.quick === true && { taskQueue: input.warehouseQueue, workflowTaskTimeout: quickTaskTimeout }),
    staticSummary: summaryOf(input.step),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
  })
}

/** Its class is not among what a workflow may import. */
function isAlreadyStarted(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError'
}

/** The workflow was cancelled, terminated or timed out: the record may know more of its assets than its end tells. */
function endWithoutAWord(input: StepInput, error: unknown): Promise<StepOutcome> {
  return CancellationScope.nonCancellable(() => record.recordFailure({ ...input, failure: failureOf(error) }))
}
