import { CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow'
import { runWorkflowId, type Scope } from '../../orchestrator/contract/index.ts'
import { launch } from '../activities.ts'
import { automationActivities } from './activities.ts'

/**
 * A time of a cron has come. It lasts as long as the runs that it started, so that the schedule's overlap policy says
 * what it is meant to say; cancelled, it cancels them.
 */
export async function cronTick(input: Scope & { readonly cron: string }): Promise<void> {
  const { cron, ...scope } = input
  const tick = { cron, at: scheduledTime().toISOString() }
  const { runs } = await automationActivities.evaluateAutomation({ ...scope, tick })
  await Promise.all(
    runs.map(async (run) => {
      const ended = () => launch.awaitStep({ workflowId: runWorkflowId(scope, run) })
      try {
        await ended()
      } catch (error) {
        if (!isCancellation(error)) throw error
        await CancellationScope.nonCancellable(async () => {
          await automationActivities.cancelRun({ ...scope, run })
          await ended()
        })
        throw error
      }
    }),
  )
}

/** What was planned, which may be long ago where it is made up for; without a schedule, now. */
function scheduledTime(): Date {
  const [planned] = (workflowInfo().searchAttributes['TemporalScheduledStartTime'] ?? []) as readonly unknown[]
  return planned instanceof Date ? planned : workflowInfo().startTime
}
