import { proxyActivities } from '@temporalio/workflow'
import type { Scope, TriggerActivities } from '../../orchestrator/contract/index.ts'
import { automationActivities } from './activities.ts'

/** Time for what is around the user's code. */
const around = 15

/** Code of the user is not tried again at once: a sensor's next time comes, and a delivery tells what went wrong. */
function triggers(timeoutSeconds: number): TriggerActivities {
  return proxyActivities<TriggerActivities>({
    startToCloseTimeout: (timeoutSeconds + around) * 1_000,
    scheduleToStartTimeout: '10 minutes',
    retry: { maximumAttempts: 3, initialInterval: '1s' },
  })
}

interface Timed extends Scope {
  readonly timeoutSeconds: number
}

/** One time of a sensor. */
export async function pollSensor({ timeoutSeconds, ...input }: Timed & { readonly sensor: string }): Promise<void> {
  const { requested } = await triggers(timeoutSeconds).pollSensor(input)
  if (requested > 0) await automationActivities.startRequests(input)
}

/** One delivery of a webhook. */
export async function deliverWebhook(
  input: Timed & { readonly webhook: string; readonly delivery: string },
): Promise<void> {
  const { timeoutSeconds, ...delivery } = input
  await triggers(timeoutSeconds).deliverWebhook(delivery)
  await automationActivities.startRequests(delivery)
}
