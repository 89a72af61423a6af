import { ScheduleAlreadyRunning, type Client } from '@temporalio/client'
import { maintenanceId, maintenanceWorkflowType, projectQueue, type Scope } from '../contract/index.ts'
import { temporalError } from './errors.ts'

/**
 * Makes a project's past be pruned once a day, at an hour that is its own by chance, so that projects of one database
 * take turns. As often as one likes: a schedule that is there, paused or not, stays as it is.
 */
export async function scheduleMaintenance(client: Client, scope: Scope): Promise<void> {
  const id = maintenanceId(scope)
  try {
    await client.withDeadline(Date.now() + 20_000, () =>
      client.schedule.create({
        scheduleId: id,
        spec: { intervals: [{ every: '1 day', offset: `${minuteOf(id)} minutes` }] },
        action: {
          type: 'startWorkflow',
          workflowType: maintenanceWorkflowType,
          workflowId: id,
          taskQueue: projectQueue(scope),
          args: [{ environment: scope.environment, project: scope.project }],
        },
        policies: { overlap: 'SKIP', catchupWindow: '1 hour' },
      }),
    )
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return
    throw temporalError(error, { address: 'its address', namespace: client.options.namespace })
  }
}

function minuteOf(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_440, 7)
}
