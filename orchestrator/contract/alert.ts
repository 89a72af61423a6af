import type { AssetKey } from './asset-key.ts'
import type { EnvRef } from './spec.ts'

export const alertCauses = [
  'run_failed',
  'asset_failed',
  'check_failed',
  'check_warned',
  'freshness_warn',
  'freshness_late',
  'sync_rejected',
  'sync_paused',
  'sync_degraded',
  'trigger_failed',
] as const

export type AlertCause = (typeof alertCauses)[number]

/** Where alerts go. What is secret is named, and read where it is sent. */
export type AlertTarget =
  | { readonly type: 'slack'; readonly url: EnvRef }
  | { readonly type: 'webhook'; readonly url: EnvRef; readonly secret: EnvRef | null }
  | { readonly type: 'email'; readonly smtp: EnvRef; readonly from: string; readonly to: readonly string[] }

/** How many rows a destination may reject before it is worth a message: more than either of these is. */
export interface RejectedOver {
  readonly rows?: number
  /** Of the rows that were sent, from 0 to 1. */
  readonly share?: number
}

export interface AlertSpec {
  readonly name: string
  readonly on: readonly AlertCause[]
  /** Null for all of the project. */
  readonly assets: readonly AssetKey[] | null
  readonly to: readonly AlertTarget[]
  /** While the same thing stays wrong, it is said again at most so often; null for each time. */
  readonly throttleMinutes: number | null
  /** Whether it is said when what was wrong is right again. */
  readonly recovered: boolean
  /** Between two messages to a target: what happens meanwhile is told in one. Absent: `usualGroupMinutes`. */
  readonly groupMinutes?: number
  /** Absent: any row. */
  readonly rejectedOver?: RejectedOver
}

export const usualGroupMinutes = 1

/** One thing that went wrong, or is right again: names, codes and counts. */
export interface AlertItem {
  /** What it is about, the same each time: `check:trait/ltv:not_null`. */
  readonly subject: string
  readonly cause: AlertCause
  readonly asset: AssetKey | null
  /** A check's name, a failure's code, a selection. */
  readonly detail: string | null
  /** Rows that failed or were rejected. */
  readonly count: number | null
  /** In a message of what went wrong: this is right again. */
  readonly recovered?: true
}

/** One message to one target. Its id stays the same however often it is sent. */
export interface AlertMessage {
  readonly alert: string
  readonly status: 'failed' | 'recovered' | 'test'
  readonly environment: string
  readonly project: string
  /** Null if it is about none, or several. */
  readonly run: string | null
  readonly at: string
  readonly items: readonly AlertItem[]
  /** How many more there are than `items` names. */
  readonly more: number
  /** How many messages it stands for, if several. */
  readonly messages?: number
}

/** What an alert has in the outbox. */
export interface AlertBody {
  /** The run, the event or the test that it is about. */
  readonly cause: string
  readonly target: AlertTarget
  readonly message: AlertMessage
}
