import type { Scope } from './names.ts'

/** A time of a cron, as its schedule named it: ISO 8601, UTC. */
export interface CronTick {
  readonly cron: string
  readonly at: string
}

export interface EvaluationResult {
  /** When a condition may change by time alone; null if only by events. */
  readonly nextAt: string | null
  /** Runs that the time of the cron started; none without one. */
  readonly runs: readonly string[]
}

/** Activities of the project's queue, short. Each may run again at any time: what was done is not done twice. */
export interface AutomationActivities {
  /**
   * Judges the conditions that may have changed since the last evaluation, keeps what was decided, and starts the run
   * that this asks for, together with any that was asked for before and not started.
   */
  evaluateAutomation(input: Scope & { readonly tick: CronTick | null }): Promise<EvaluationResult>
  /** Starts the runs that were asked for and not started. */
  startRequests(input: Scope): Promise<void>
  /** Asks a run to stop. */
  cancelRun(input: Scope & { readonly run: string }): Promise<void>
}

/** Activities of the project's queue that run code of the user. */
export interface TriggerActivities {
  /** Asks a sensor; what goes wrong is in the record. Answers how many runs that it asked for are still to be started. */
  pollSensor(input: Scope & { readonly sensor: string }): Promise<{ readonly requested: number }>
  /** Looks at a delivery, once. */
  deliverWebhook(input: Scope & { readonly webhook: string; readonly delivery: string }): Promise<void>
}
