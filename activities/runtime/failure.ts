import { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common'
import {
  isTraitlineError,
  retryDelayMs,
  type Failure,
  type RetryPolicy,
  type StepInput,
} from '../../orchestrator/contract/index.ts'

/**
 * An error as it is stored and shown. Whatever is not of our own family may carry rows in its message, so that only
 * its name and the place where it was thrown remain.
 */
export function toFailure(error: unknown): Failure {
  if (isTraitlineError(error)) {
    return { code: error.code, message: error.message, hint: error.hint, blame: error.blame }
  }
  const recorded = error instanceof ApplicationFailure ? error.details?.[0] : undefined
  if (isFailure(recorded)) return recorded
  const name = error instanceof Error ? error.name : typeof error
  const place = error instanceof Error ? placeOf(error) : ''
  return {
    code: 'INTERNAL',
    message: `Unexpected ${name}${place === '' ? '' : ` at ${place}`}`,
    hint: 'This is a fault of Traitline or of the system below it: please report it with this line.',
    blame: 'system',
  }
}

/**
 * The one mapping to Temporal: the code becomes the failure's type, the `Failure` its only detail. What a person has
 * to fix is not tried again unless its asset asks for it, nor what is final.
 */
function toApplicationFailure(error: unknown, retry: RetryPolicy | undefined): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error
  const failure = toFailure(error)
  const final = isTraitlineError(error) && error.final
  const forPeople = failure.blame === 'user' || failure.blame === 'config'
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: final || (forPeople && retry?.on !== 'any'),
    details: [failure],
    // Temporal's own policy knows no jitter.
    ...(retry !== undefined &&
      retry.jitter > 0 && { nextRetryDelay: retryDelayMs(retry, Context.current().info.attempt, Math.random()) }),
  })
}

/** How the step that an activity works for is to be tried again, if its asset says so. */
function retryOf([input]: readonly unknown[]): RetryPolicy | undefined {
  return (input as Partial<StepInput> | undefined)?.step?.retry
}

/** Whether a failure of a person's making will be tried again by Temporal: to be thrown then, not recorded yet. */
export function isTriedAgain({ step }: StepInput): boolean {
  return step.retry?.on === 'any' && Context.current().info.attempt < step.retry.attempts
}

/** Wraps an activity so that all it throws is a cancellation or carries a `Failure`. */
function asActivity<Input extends unknown[], Output>(
  activity: (...input: Input) => Promise<Output>,
): (...input: Input) => Promise<Output> {
  return async (...input) => {
    try {
      return await activity(...input)
    } catch (error) {
      const { cancellationSignal } = Context.current()
      if (error instanceof CancelledFailure) throw error
      if (cancellationSignal.aborted) throw cancellationSignal.reason
      if (error instanceof TemporalFailure && !(error instanceof ApplicationFailure)) throw error
      throw toApplicationFailure(error, retryOf(input))
    }
  }
}

/** `asActivity` for each function of an object: `asActivities(createMaterializeActivities(deps))`. */
export function asActivities<T extends object>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    asActivity(activity as (...input: unknown[]) => Promise<unknown>),
  ])
  return Object.fromEntries(wrapped) as T
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'code' in value && 'blame' in value && 'hint' in value
}

/** `judge (judge.ts:42) < decide (materialize-asset.ts:7)`: names and places of code, never a message. */
function placeOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').flatMap((line) => {
    const match = /^\s+at (?:async )?(?:(?<fn>[\w.<>]+) \()?(?:[^()]*[/\\])?(?<file>[\w.-]+:\d+):\d+\)?$/.exec(line)
    return match?.groups === undefined ? [] : [`${match.groups['fn'] ?? ''} (${match.groups['file']})`.trim()]
  })
  return frames.slice(0, 3).join(' < ')
}
