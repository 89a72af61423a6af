import { proxyLocalActivities } from '@temporalio/workflow'
import type { AutomationActivities } from '../../orchestrator/contract/index.ts'

/** Conditions and what they start: short, so local. They outlast an hour without a database. */
export const automationActivities = proxyLocalActivities<AutomationActivities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '10s' },
})
