import { proxyActivities } from '@temporalio/workflow'
import type { MaintenanceActivities, Pruned, Scope } from '../../orchestrator/contract/index.ts'

const { maintain: prune } = proxyActivities<MaintenanceActivities>({
  startToCloseTimeout: '30 minutes',
  retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '10 minutes', maximumAttempts: 10 },
})

/** What is older than a project's retention goes; once a day, by a schedule. */
export function maintain(input: Scope): Promise<Pruned> {
  return prune(input)
}
