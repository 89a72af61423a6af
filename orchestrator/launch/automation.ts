import type { Client } from '@temporalio/client'
import { automationWorkflowId, automationWorkflowType, projectQueue, signalNames } from '../contract/index.ts'
import type { Scope } from '../contract/index.ts'

const callTimeoutMs = 10_000

/**
 * Has a project's conditions looked at soon: after something was deployed or recorded. What happened is in the log, so
 * that a call too many costs one look, and one too few is made up for by the next.
 */
export async function wakeAutomation(client: Client, { environment, project }: Scope): Promise<void> {
  const scope = { environment, project }
  await client.withDeadline(Date.now() + callTimeoutMs, () =>
    client.workflow.signalWithStart(automationWorkflowType, {
      workflowId: automationWorkflowId(scope),
      taskQueue: projectQueue(scope),
      args: [scope],
      signal: signalNames.wake,
      signalArgs: [],
      staticSummary: `Conditions of project ${project}`,
    }),
  )
}

/** Where nothing was deployed: a run has ended whose workflow did not say so itself. Whatever is wrong, it can wait. */
export async function wakeQuietly(client: Client, scope: Scope): Promise<void> {
  await wakeAutomation(client, scope).catch(() => undefined)
}
