import type { AutomationActivities } from '../../orchestrator/contract/index.ts'
import { asActivities } from '../runtime/index.ts'
import type { AutomationDeps } from './deps.ts'
import { evaluateAutomation } from './evaluate.ts'

export type { AutomationDeps, RunToStart } from './deps.ts'

/** Conditions, evaluated and carried out. */
export function createAutomationActivities(deps: AutomationDeps): AutomationActivities {
  return asActivities<AutomationActivities>({
    evaluateAutomation: (input) => evaluateAutomation(deps, input),
    cancelRun: ({ environment, project, run }) => deps.cancelRun({ environment, project }, run),
  })
}
