import type { Failure, RunStatus } from '../contract/index.ts'
import type { RunRow, Store } from '../store/store.ts'
import type { RunWorkflow } from './run-workflow.ts'

/** A run is recorded before its workflow is started: a young one without a workflow may be about to get it. */
const youngMs = 30_000

/** Holds every run that has not ended against its workflow, and ends those that will not end themselves. */
export async function reconcileRuns(
  store: Store,
  describe: (row: RunRow) => Promise<RunWorkflow>,
  now: number = Date.now(),
): Promise<number> {
  let ended = 0
  for (const scope of await store.revisions.scopes()) {
    for (const row of await store.runs.open(scope)) {
      const workflow = await describe(row)
      if (workflow.state === 'gone' && now - Date.parse(row.queuedAt) < youngMs) continue
      if (await reconcileRun(store, row, workflow)) ended += 1
    }
  }
  return ended
}

/** True if the run was ended here. */
export async function reconcileRun(store: Store, { run }: RunRow, workflow: RunWorkflow): Promise<boolean> {
  const end = endOf(run, workflow)
  if (!end) return false
  await store.runs.finish(run, end.status, end.failure)
  return true
}

/** How a run ended whose workflow ended like this; null if it has not. */
function endOf(run: string, workflow: RunWorkflow): { status: RunStatus; failure: Failure | null } | null {
  switch (workflow.state) {
    case 'running':
      return null
    case 'completed':
      return { status: workflow.result.status, failure: null }
    case 'cancelled':
      return { status: 'cancelled', failure: null }
    case 'failed':
      return { status: 'failed', failure: workflow.failure ?? lost(run, 'failed') }
    case 'terminated':
      return { status: 'failed', failure: lost(run, 'was terminated') }
    case 'timed_out':
      return { status: 'failed', failure: lost(run, 'timed out') }
    case 'gone':
      return { status: 'failed', failure: lost(run, 'is not in Temporal') }
  }
}

function lost(run: string, what: string): Failure {
  return {
    code: 'RUN_LOST',
    message: `the workflow of run ${run} ${what}`,
    hint: 'Start the run again: what was materialised is fresh, the rest is done.',
    blame: 'system',
  }
}
