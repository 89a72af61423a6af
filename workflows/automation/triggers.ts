import { proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import type { Scope, TriggerActivities } from '../../orchestrator/contract/index.ts'
import { automationActivities } from './activities.ts'

/** Time for what is around the user's code. */
const around = 15

/** What the user's code throws is in the record and not tried again: attempts are for what is around it. */
function triggers(timeoutSeconds: number, whole: ActivityOptions): TriggerActivities {
  return proxyActivities<TriggerActivities>({ startToCloseTimeout: (timeoutSeconds + around) * 1_000, ...whole })
}

/** A sensor's next time comes. */
const thisTime: ActivityOptions = {
  scheduleToStartTimeout: '10 minutes',
  retry: { maximumAttempts: 3, initialInterval: '1s' },
}

/** A delivery was taken, and its sender does not come again. */
const inTheEnd: ActivityOptions = {
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
}

interface Timed extends Scope {
  readonly timeoutSeconds: number
}

/** One time of a sensor. */
export async function pollSensor({ timeoutSeconds, ...input }: Timed & { readonly sensor: string }): Promise<void> {
  const { requested } = await triggers(timeoutSeconds, thisTime).pollSensor(input)
  if (requested > 0) await automationActivities.startRequests(input)
}

/** One delivery of a webhook. */
export async function deliverWebhook(
  input: Timed & { readonly webhook: string; readonly delivery: string },
): Promise<void> {
  const { timeoutSeconds, ...delivery } = input
  await triggers(timeoutSeconds, inTheEnd).deliverWebhook(delivery)
  await automationActivities.startRequests(delivery)
}
