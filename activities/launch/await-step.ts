import { Context } from '@temporalio/activity'
import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { LaunchActivities } from '../../orchestrator/contract/index.ts'
import { asActivities, withHeartbeat } from '../runtime/index.ts'

export interface LaunchDeps {
  readonly client: Client
}

export function createLaunchActivities({ client }: LaunchDeps): LaunchActivities {
  return asActivities<LaunchActivities>({
    awaitStep: async ({ workflowId }) =>
      withHeartbeat(async (signal) => {
        signal.throwIfAborted()
        return client.withAbortSignal(signal, () => ended(client, workflowId))
      }),
  })
}

/** However it ends, and also if it has gone already. */
async function ended(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).result()
  } catch (error) {
    if (Context.current().cancellationSignal.aborted) throw error
    if (!(error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError)) throw error
  }
}
