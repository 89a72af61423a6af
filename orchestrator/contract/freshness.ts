import type { Scope } from './names.ts'

/**
 * Since when the age of an asset counts:
 *
 * - `success`: a run materialised it, or looked and found it fresh;
 * - `materialization`: a run materialised it;
 * - `change`: a materialisation had another content than the one before.
 */
export type FreshnessClock = 'success' | 'materialization' | 'change'

/** How fresh an asset has to be. */
export type FreshnessPolicy =
  | {
      readonly type: 'age'
      readonly since: FreshnessClock
      readonly warnAfterMinutes: number | null
      readonly failAfterMinutes: number
    }
  | {
      readonly type: 'deadline'
      readonly since: FreshnessClock
      /** When it has to be there: cron of five fields. */
      readonly cron: string
      readonly timeZone: string
      /** How long before the deadline is early enough; null for any time since the deadline before. */
      readonly windowMinutes: number | null
      readonly warnBeforeMinutes: number | null
    }

export type SlaStatus = 'ok' | 'warn' | 'late' | 'unknown'

/** How an asset stands to its policy at one moment. Times are ISO 8601, UTC. */
export interface Sla {
  readonly status: SlaStatus
  /** When the status became what it is. */
  readonly since: string
  /** By when it has to be materialised next. */
  readonly deadline: string | null
  /** When the status changes if nothing happens; null if never. */
  readonly changesAt: string | null
}

/** What the record knows of an asset that a policy may ask. */
export interface FreshnessFacts {
  /** Since when the asset is known: before its first success, its age counts from here. */
  readonly knownSince: string
  readonly succeededAt: string | null
  readonly materializedAt: string | null
  readonly changedAt: string | null
  /** Of an asset with partitions: the position of the latest that was made. */
  readonly latestPosition?: number | null
  /** Of an asset that is cut by time: when the first window that is not there has ended, or `never`. */
  readonly windowDue?: string
}

export const freshnessWorkflowType = 'watchFreshness'

/** One for each project of an environment. */
export function freshnessWorkflowId(scope: Scope): string {
  return `${scope.environment}/${scope.project}/freshness`
}

/** Something may have changed: a deployment, a materialisation. */
export const freshnessWakeSignal = 'wake'
