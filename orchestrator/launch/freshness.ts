import type { Client } from '@temporalio/client'
import {
  freshnessWakeSignal,
  freshnessWorkflowId,
  freshnessWorkflowType,
  projectQueue,
  type Scope,
} from '../contract/index.ts'

/** Has a project's freshness judged now: begins the watch where there is none, or wakes it. */
export async function wakeFreshness(client: Client, { environment, project }: Scope, timeoutMs: number): Promise<void> {
  const scope: Scope = { environment, project }
  await client.withDeadline(Date.now() + timeoutMs, () =>
    client.workflow.signalWithStart(freshnessWorkflowType, {
      workflowId: freshnessWorkflowId(scope),
      taskQueue: projectQueue(scope),
      args: [scope],
      signal: freshnessWakeSignal,
      signalArgs: [],
      staticSummary: `Freshness of ${project} (${environment})`,
    }),
  )
}
