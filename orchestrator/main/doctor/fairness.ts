import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'

const many = 12

/**
 * Whether tasks of a key that has few come before those of one that has many. Workflows of two fairness keys are queued
 * where nobody works, the first few tasks are taken by hand, and all are ended again. Bounded: no workflow outlives a
 * minute, whatever happens to this process.
 */
export async function probeFairness(client: Client): Promise<boolean> {
  const name = `traitline-doctor-${randomUUID()}`
  const ids = [...Array.from({ length: many }, (_, at) => `${name}-many-${at}`), `${name}-few`]
  const { namespace } = client.options
  try {
    for (const workflowId of ids) {
      await client.workflow.start('doctor', {
        workflowId,
        taskQueue: name,
        workflowRunTimeout: '1 minute',
        priority: { fairnessKey: workflowId.endsWith('few') ? 'few' : 'many' },
      })
    }
    for (let taken = 0; taken < many / 2; taken++) {
      const task = await client.withDeadline(Date.now() + 5_000, () =>
        client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name }, identity: name }),
      )
      if (task.workflowExecution?.workflowId === `${name}-few`) return true
    }
    return false
  } finally {
    for (const id of ids)
      await client.workflow
        .getHandle(id)
        .terminate('probe of fairness')
        .catch(() => undefined)
  }
}
