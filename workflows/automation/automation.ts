import { condition, continueAsNew, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow'
import { signalNames, type Scope } from '../../orchestrator/contract/index.ts'
import { automationActivities } from './activities.ts'

export const wakeSignal = defineSignal(signalNames.wake)

/**
 * Evaluates a project's conditions as often as it is woken, and when time alone may have changed one. Ends when there
 * is neither: while nothing happens there is not even an open workflow, and the next one begins on the code of the day.
 * What happened is read from the log, so many signals at once cost one evaluation, and a lost one loses nothing.
 */
export async function automation(scope: Scope): Promise<void> {
  let woken = true
  setHandler(wakeSignal, () => {
    woken = true
  })
  for (;;) {
    woken = false
    const { nextAt } = await automationActivities.evaluateAutomation({ ...scope, tick: null })
    if (!woken) {
      if (nextAt === null) return
      await condition(() => woken, Math.max(1, Date.parse(nextAt) - Date.now()))
    }
    if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof automation>(scope)
  }
}
