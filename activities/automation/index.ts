import type { AutomationActivities, TriggerActivities } from '../../orchestrator/contract/index.ts'
import { asActivities } from '../runtime/index.ts'
import type { AutomationDeps, TriggerDeps } from './deps.ts'
import { evaluateAutomation } from './evaluate.ts'
import { startRequests } from './start-requests.ts'
import { deliverWebhook, pollSensor } from './triggers.ts'

export type { AutomationDeps, LoadTrigger, RunToStart, TriggerDeps } from './deps.ts'
export { askSensor } from './triggers.ts'

/** Conditions, evaluated and carried out. */
export function createAutomationActivities(deps: AutomationDeps): AutomationActivities {
  return asActivities<AutomationActivities>({
    evaluateAutomation: (input) => evaluateAutomation(deps, input),
    startRequests: ({ environment, project }) => startRequests(deps, { environment, project }),
    cancelRun: ({ environment, project, run }) => deps.cancelRun({ environment, project }, run),
  })
}

/** Sensors and webhooks. */
export function createTriggerActivities(deps: TriggerDeps): TriggerActivities {
  return asActivities<TriggerActivities>({
    pollSensor: (input) => pollSensor(deps, input),
    deliverWebhook: (input) => deliverWebhook(deps, input),
  })
}
