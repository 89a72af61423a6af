import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow'
import type { Failure, StepOutcome } from '../../orchestrator/contract/index.ts'

/** What ended a step or a run, for the record; null if it was cancelled. */
export function failureOf(error: unknown): Failure | null {
  if (isCancellation(error)) return null
  const cause = rootOf(error)
  if (cause instanceof CancelledFailure) return null
  if (cause instanceof ApplicationFailure) {
    const [failure] = cause.details ?? []
    return isFailure(failure) ? failure : internal
  }
  if (cause instanceof TimeoutFailure) return cause.timeoutType === 'HEARTBEAT' ? workerLost : timedOut
  if (cause instanceof TerminatedFailure) return terminated
  return internal
}

/** The outcomes that a failed step's workflow left in its failure; null if it ended without a word. */
export function outcomeOf(error: unknown): StepOutcome | null {
  const cause = rootOf(error)
  const outcome = cause instanceof ApplicationFailure ? cause.details?.[1] : undefined
  return isStepOutcome(outcome) ? outcome : null
}

/** The failure of a step's workflow, so that Temporal's UI shows it as failed and why. */
export function stepFailed(failure: Failure, outcome: StepOutcome): ApplicationFailure {
  return ApplicationFailure.create({
    type: failure.code,
    message: failure.message,
    nonRetryable: true,
    details: [failure, outcome],
  })
}

function rootOf(error: unknown): unknown {
  return error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'hint' in value
}

function isStepOutcome(value: unknown): value is StepOutcome {
  return typeof value === 'object' && value !== null && 'assets' in value && Array.isArray(value.assets)
}

const workerLost: Failure = {
  code: 'WORKER_LOST',
  message: 'The worker gave no sign of life for 15 s, three times over.',
  hint: 'See whether it ran out of memory or was stopped, then materialise again.',
  blame: 'system',
}

const timedOut: Failure = {
  code: 'STEP_TIMEOUT',
  message: 'The step did not end within the time it is allowed.',
  hint: 'Look at its log for what it waited for, then materialise again.',
  blame: 'system',
}

const terminated: Failure = {
  code: 'STEP_TERMINATED',
  message: 'The step’s workflow was terminated from outside.',
  hint: 'Materialise again.',
  blame: 'system',
}

const internal: Failure = {
  code: 'INTERNAL',
  message: 'The step failed for a reason that Traitline does not know.',
  hint: 'The worker’s log has the details.',
  blame: 'system',
}
