import type { Client } from '@temporalio/client'
import {
  runWorkflowId,
  type AutomationActivities,
  type MaintenanceActivities,
  type TriggerActivities,
} from '../../orchestrator/contract/index.ts'
import type { Recorded, Story } from './stub-activities.ts'

/** What happens around runs. A cron is named by the run that its time has started. */
export function stubAutomation(
  story: Story,
  recorded: Recorded,
  client: Client,
): AutomationActivities & TriggerActivities & MaintenanceActivities {
  return {
    async evaluateAutomation({ tick }) {
      recorded.trail.push('evaluate')
      if (tick !== null) return { nextAt: null, runs: [tick.cron] }
      const first = recorded.trail.filter((what) => what === 'evaluate').length === 1
      const inMs = first ? (story.evaluateAgainInMs ?? null) : null
      return { nextAt: inMs === null ? null : new Date(Date.now() + inMs).toISOString(), runs: [] }
    },
    async startRequests() {
      recorded.trail.push('start requests')
    },
    async cancelRun({ environment, project, run }) {
      await client.workflow.getHandle(runWorkflowId({ environment, project }, run)).cancel()
    },
    async pollSensor({ sensor }) {
      recorded.trail.push(`poll ${sensor}`)
      return { requested: 1 }
    },
    async deliverWebhook({ delivery }) {
      recorded.trail.push(`deliver ${delivery}`)
    },
    async maintain() {
      return { months: [], logs: 0, notebooks: 0 }
    },
  }
}
