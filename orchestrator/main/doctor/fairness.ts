import { randomUUID } from 'node:crypto'
import type { Client } from '@temporalio/client'

/**
 * A queue has four partitions, and tasks are handed out from any: so many that the last one of its partition is not
 * reached by chance.
 */
const many = 60

/**
 * Whether tasks of a key that has few come before those of one that has many. Workflows of two fairness keys are queued
 * where nobody works, the first few tasks are taken by hand, and all are ended again. Bounded: no workflow outlives a
 * minute, whatever happens to this process.
 */
export async function probeFairness(client: Client, attempts = 8): Promise<boolean> {
  for (let attempt = 1; attempt <= attempts; attempt++) if (await probeOnce(client)) return true
  return false
}

/** Once says no now and then, by which partition happens to be asked; what is not fair never says yes. */
async function probeOnce(client: Client): Promise<boolean> {
  const name = `traitline-doctor-${randomUUID()}`
  const ids = [...Array.from({ length: many }, (_, at) => `${name}-many-${at}`), `${name}-few`]
  const { namespace } = client.options
  try {
    const start = (workflowId: string, fairnessKey: string): Promise<unknown> =>
      client.workflow.start('doctor', {
        workflowId,
        taskQueue: name,
        workflowRunTimeout: '1 minute',
        priority: { fairnessKey },
      })
    await Promise.all(ids.slice(0, many).map((id) => start(id, 'many')))
    await start(`${name}-few`, 'few')
    for (let taken = 0; taken < many / 2; taken++) {
      const task = await client.withDeadline(Date.now() + 5_000, () =>
        client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name }, identity: name }),
      )
      if (task.workflowExecution?.workflowId === `${name}-few`) return true
    }
    return false
  } finally {
    await Promise.all(
      ids.map((id) =>
        client.workflow
          .getHandle(id)
          .terminate('probe of fairness')
          .catch(() => undefined),
      ),
    )
  }
}
