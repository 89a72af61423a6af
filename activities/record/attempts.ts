import { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { StepInput, WarehouseActivities } from '../../orchestrator/contract/index.ts'
import type { EventStore } from '../../orchestrator/store/store.ts'
import { toFailure } from '../runtime/index.ts'

/** The same activities, of which each attempt that fails and may be followed by another one stands in the log. */
export function recordAttempts<Of extends WarehouseActivities>(events: Pick<EventStore, 'append'>, activities: Of): Of {
  const recorded = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: StepInput) => {
      try {
        return await (activity as (input: StepInput) => Promise<unknown>)(input)
      } catch (error) {
        await tell(events, name, input, error)
        throw error
      }
    },
  ])
  return Object.fromEntries(recorded) as Of
}

async function tell(events: Pick<EventStore, 'append'>, name: string, input: StepInput, error: unknown): Promise<void> {
  if (error instanceof CancelledFailure || !(error instanceof ApplicationFailure) || !('step' in input)) return
  const { attempt } = Context.current().info
  // The only attempt there will be: its failure is the asset's.
  if (attempt === 1 && error.nonRetryable === true) return
  const { environment, project, run, step } = input
  const { code, message, hint, blame } = toFailure(error)
  const [asset, ...others] = step.assets
  const event = {
    scope: { environment, project },
    run,
    asset: others.length === 0 ? (asset?.key ?? null) : null,
    type: 'step_attempt_failed' as const,
    data: { step: step.id, activity: name, attempt, failure: { code, message, hint, blame } },
    once: `attempt/${step.id}/${name}/${attempt}`,
  }
  // That it cannot be told shall not hide what happened.
  await events.append(event).catch(() => undefined)
}
