import type { AssetKey } from './asset-key.ts'
import type { JsonObject } from './json.ts'

export const eventTypes = [
  'run_queued',
  'run_started',
  'run_planned',
  'run_finished',
  'step_started',
  'step_retried',
  'step_attempt_failed',
  'lease_waiting',
  'lease_granted',
  'asset_materialized',
  'asset_fresh',
  'asset_failed',
  'asset_upstream_failed',
  'asset_cancelled',
  'asset_wiped',
  'check_evaluated',
  'check_run_finished',
  'freshness_changed',
  'sync_planned',
  'sync_progress',
  'sync_paused',
  'sync_unpaused',
  'log',
  'revision_deployed',
  'lineage_computed',
  'run_requested',
  'trigger_failed',
  'trigger_recovered',
] as const

export type EventType = (typeof eventTypes)[number]

/** One line of the event log, which is only ever added to; statuses are projections of it. */
export interface TraitlineEvent {
  /** Rises with every event: the id of server-sent events. */
  readonly sequence: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly project: string
  readonly environment: string
  readonly run: string | null
  readonly asset: AssetKey | null
  readonly type: EventType
  readonly data: JsonObject
}
