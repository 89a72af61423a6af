import type { Scope } from './names.ts'

/** How long a project's past is kept, in days. */
export interface Retention {
  /** The event log, month by month: a month goes once all of it is older, for every project of the database. */
  readonly eventsDays: number
  /** What steps printed, and executed notebooks. */
  readonly logsDays: number
}

export const usualRetention: Retention = { eventsDays: 400, logsDays: 30 }

/** What one round of maintenance removed. */
export interface Pruned {
  readonly months: readonly string[]
  readonly logs: number
  readonly notebooks: number
}

/** Regular activities of the project's queue. Each may run again at any time, and beside everything else. */
export interface MaintenanceActivities {
  maintain(input: Scope): Promise<Pruned>
}

export const maintenanceWorkflowType = 'maintain'

/** Of the schedule and of its workflow. */
export function maintenanceId({ environment, project }: Scope): string {
  return `${environment}/${project}/maintenance`
}
