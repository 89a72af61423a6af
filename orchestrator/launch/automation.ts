import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import {
  automationWorkflowId,
  automationWorkflowType,
  deliverWebhookWorkflowType,
  projectQueue,
  signalNames,
} from '../contract/index.ts'
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

export interface Delivery {
  readonly webhook: string
  readonly delivery: string
  readonly timeoutSeconds: number
}

/** Has a delivery looked at that the record holds. The same one again while it is under way, or done, does nothing. */
export async function startDelivery(
  client: Client,
  { environment, project }: Scope,
  delivery: Delivery,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + callTimeoutMs, () =>
      client.workflow.start(deliverWebhookWorkflowType, {
        workflowId: `${environment}/${project}/webhook/${delivery.webhook}/${delivery.delivery}`,
        taskQueue: projectQueue({ environment, project }),
        args: [{ environment, project, ...delivery }],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        staticSummary: `webhook ${delivery.webhook}`,
      }),
    )
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
