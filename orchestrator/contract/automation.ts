import type { AssetKey } from './asset-key.ts'
import type { AssetState } from './plan.ts'

/** When Temporal starts what a cron asks for while what it started before is under way. */
export const overlapPolicies = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'] as const
export type OverlapPolicy = (typeof overlapPolicies)[number]

export interface CronTrigger {
  /** Five fields; see `parseCron`. */
  readonly cron: string
  readonly timeZone: string
  readonly overlap: OverlapPolicy
  /** How late a time may still be made up for after everything was down. */
  readonly catchUpSeconds: number
}

/**
 * When an asset is to be materialised by itself: plain data. The subject of a condition is the asset that has it, or
 * within `any_deps` and `all_deps` each asset that it reads.
 */
export type AutomationCondition =
  | { readonly op: 'and' | 'or'; readonly of: readonly AutomationCondition[] }
  | { readonly op: 'not'; readonly of: AutomationCondition }
  | { readonly op: 'any_deps' | 'all_deps'; readonly of: AutomationCondition }
  /** Made of the conditions below: see `expansionOf` in plan/automation. */
  | { readonly op: 'eager' | 'on_missing' | 'on_upstream_change' }
  /** Fires at each time of the cron; the times are kept by a schedule of Temporal's. */
  | { readonly op: 'on_cron'; readonly trigger: CronTrigger }
  /** A time of the cron came since the asset was last started by its condition. */
  | { readonly op: 'cron'; readonly trigger: CronTrigger }
  | {
      readonly op:
        | 'missing'
        | 'code_changed'
        | 'upstream_changed'
        | 'in_progress'
        | 'failed'
        | 'newly_updated'
        | 'initial_evaluation'
        | 'check_failed'
    }
  /** All blocking checks of the latest materialisation passed; or the one that is named. */
  | { readonly op: 'check_passed'; readonly check: string | null }
  /** Nothing that it reads has changed for so long. */
  | { readonly op: 'quiet_for'; readonly minutes: number }

/** One condition as it was judged for one subject. */
export interface AutomationNode {
  /** As it is written: `eager`, `any_deps(in_progress)`. */
  readonly condition: string
  readonly holds: boolean
  /** A clause for people: `audience/vip has a failed blocking check`. */
  readonly reason: string
  /** The asset that it was judged for, where that is another than its parent's. */
  readonly asset?: AssetKey
  readonly of?: readonly AutomationNode[]
  /** Deps of `any_deps` and `all_deps` that are not shown. */
  readonly more?: number
}

/** `requested`: it goes into a run. `waiting`: there is a cause, and something stands against it. `idle`: no cause. */
export type AutomationOutcome = 'requested' | 'waiting' | 'idle'

/** What an evaluation said of one asset. */
export interface AutomationDecision {
  readonly asset: AssetKey
  readonly outcome: AutomationOutcome
  /** `not yet: audience/vip has a failed blocking check`. */
  readonly summary: string
  readonly tree: AutomationNode
  /** Hashes of all that holds and is a cause: an asset is not started twice for the same. Null where nothing is. */
  readonly cause: string | null
  /** When it may change by time alone, ISO 8601; null if only by events. */
  readonly nextAt: string | null
}

/** What the record knows of an asset, as conditions read it. */
export interface AutomationFacts {
  readonly state: AssetState
  /** Of an asset with partitions: the position of the latest that was made. */
  readonly latestPosition?: number | null
  /** Rises with each materialisation; null before the first. */
  readonly materialized: number | null
  /** When its content last became another, ISO 8601. */
  readonly changedAt: string | null
  /** The run that has it and has not ended with it. */
  readonly run: string | null
  /** Of checks that conditions name: whether the latest result is a pass. */
  readonly checks: Readonly<Record<string, boolean>>
}

/** What an asset's condition remembers from one evaluation to the next. */
export interface AutomationMemory {
  /** The condition as JSON: written otherwise, it begins anew. */
  readonly condition: string
  /** For what it was started last, and in which run. */
  readonly cause: string | null
  readonly run: string | null
  /** The log's end when it was started last, or first looked at. */
  readonly sequence: number
  /** By cron: the time that it was started for last, or that was there when it was first looked at. */
  readonly ticks: Readonly<Record<string, string>>
  readonly nextAt: string | null
}

/** A cron as the name of its schedule: `0 6 * * * Europe/Berlin`. Assets with the same share one. */
export function cronName({ cron, timeZone, overlap, catchUpSeconds }: CronTrigger): string {
  const rest = [overlap === 'skip' ? '' : overlap, catchUpSeconds === 3_600 ? '' : `${catchUpSeconds}s`]
  return [cron.trim().toLowerCase().replace(/\s+/g, ' '), timeZone, ...rest].filter((part) => part !== '').join(' ')
}

/** The crons within a condition. */
export function cronTriggers(condition: AutomationCondition): readonly CronTrigger[] {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.flatMap(cronTriggers)
    case 'not':
    case 'any_deps':
    case 'all_deps':
      return cronTriggers(condition.of)
    case 'on_cron':
    case 'cron':
      return [condition.trigger]
    default:
      return []
  }
}

/** Whether anything in a project is materialised by itself. */
export function isAutomated({
  assets,
}: {
  readonly assets: readonly { readonly automation?: AutomationCondition }[]
}): boolean {
  return assets.some(({ automation }) => automation !== undefined)
}
