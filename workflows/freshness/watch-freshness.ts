import { condition, continueAsNew, defineSignal, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import { freshnessWakeSignal, type Scope } from '../../orchestrator/contract/index.ts'
import { watch } from '../activities.ts'

/** Materialisations come in bursts: one look is enough for all of a second. */
const gatherMs = 1_000

/** A timer longer than this is cut, so that a change of clocks or of the record's own time is never far away. */
const longestWaitMs = 24 * 60 * 60 * 1_000

const wake = defineSignal(freshnessWakeSignal)

/**
 * Watches the freshness of a project's assets: records what changed, and sleeps until the next deadline, or until
 * somebody says that something happened. Ends where nothing will change by itself: the next news begin it anew.
 */
export async function watchFreshness(scope: Scope): Promise<void> {
  let woken = false
  setHandler(wake, () => void (woken = true))
  for (;;) {
    woken = false
    const { changesInMs } = await watch.judgeFreshness(scope)
    if (changesInMs === null) {
      if (woken) continue
      return
    }
    if (await condition(() => woken, Math.min(Math.max(changesInMs, 1), longestWaitMs))) await sleep(gatherMs)
    if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof watchFreshness>(scope)
  }
}
