import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type {
  AssetKey,
  AssetOutcomeStatus,
  CheckCounts,
  CheckRunStatus,
  AutomationNode,
  AutomationOutcome,
  ColumnStatistics,
  EventType,
  Failure,
  JsonObject,
  JsonValue,
  Manifest,
  ManifestDiff,
  ModelCodes,
  PlanStep,
  RunConfig,
  RunStatus,
  SlaStatus,
  StaleReason,
  PausedSync,
  SyncCounts,
  SyncRunOptions,
  SyncRequest,
} from '../../contract/index.ts'
import type { CompactLineage } from '../lineage/compact.ts'
import type { AssetStatusRow, LogStream, RunAssetRow, SyncRowFate, SyncRunStatus } from '../store.ts'

type Json<Value extends object | null> = JSONColumnType<Value, string, string>
type NullableJson<Value extends object> = JSONColumnType<Value | null, string | null, string | null>
type Counts = Partial<Record<AssetOutcomeStatus, number>>

/** The tables of the schema `traitline`, as Kysely sees them: times are ISO 8601, jsonb is written as text. */
export interface Tables {
  scope: { id: Generated<number>; environment: string; project: string }
  manifest: { hash: string; body: Json<Manifest> }
  revision: {
    scope_id: number
    number: number
    manifest_hash: string
    diff: Json<ManifestDiff>
    deployed_at: Generated<string>
    deployed_by: string | null
    asset_count: number
  }
  model_code: { hash: string; body: Json<ModelCodes> }
  lineage: { hash: string; body: Json<CompactLineage>; computed_at: Generated<string> }
  revision_lineage: {
    scope_id: number
    revision: number
    code: string | null
    lineage: string | null
    claimed_until: string | null
    failure: NullableJson<Failure>
  }
  asset: { id: Generated<number>; scope_id: number; key: AssetKey; registered_at: Generated<string> }
  asset_status: {
    asset_id: number
    status: Generated<AssetStatusRow['status']>
    run: string | null
    last_attempt: Generated<'none' | 'succeeded' | 'failed'>
    materialized_at: string | null
    succeeded_at: string | null
    duration_ms: number | null
    rows: number | null
    data_version: string | null
    code_version: string | null
    upstream: NullableJson<Record<AssetKey, string>>
    warehouse: string | null
    failed_checks: Generated<string[]>
    failure: NullableJson<Failure>
    sequence: Generated<number>
    changed_at: string | null
    materialized_sequence: number | null
  }
  automation: {
    scope_id: number
    version: number
    sequence: number
    revision: number
    ticks: Json<Record<string, string>>
    evaluated_at: string
    pruned_at: Generated<string>
  }
  automation_asset: {
    asset_id: number
    condition: string
    cause: string | null
    run: string | null
    sequence: number
    ticks: Json<Record<string, string>>
    next_at: string | null
    digest: string
    evaluation: number
  }
  automation_evaluation: {
    id: Generated<number>
    asset_id: number
    at: string
    revision: number
    outcome: AutomationOutcome
    summary: string
    tree: Json<AutomationNode>
    cause: string | null
    run: string | null
  }
  sensor: {
    scope_id: number
    name: string
    cursor: string | null
    polls: number
    polled_at: string
    requested: number
    failure: NullableJson<Failure>
  }
  webhook_delivery: {
    scope_id: number
    webhook: string
    id: string
    received_at: Generated<string>
    settled_at: string | null
    payload: ColumnType<JsonValue | null, string | null, string | null>
    requested: Generated<number>
    failure: NullableJson<Failure>
  }
  run_request: {
    run: string
    number: Generated<number>
    scope_id: number
    origin: string
    key: string
    revision: number
    selection: string
    targets: AssetKey[]
    partitions: Generated<string | null>
    force: boolean
    requested_at: Generated<string>
    settled_at: string | null
    failure: NullableJson<Failure>
  }
  partition_total: {
    asset_id: number
    content: number
    latest_position: number | null
    latest_content: number
    latest_failed_checks: string[]
  }
  run: {
    id: string
    number: Generated<number>
    scope_id: number
    revision: number
    selection: string
    targets: AssetKey[]
    force: boolean
    partitions: Generated<string | null>
    status: Generated<RunStatus>
    queued_at: Generated<string>
    started_at: string | null
    ended_at: string | null
    fresh: number | null
    pages: number | null
    counts: NullableJson<Counts>
    failure: NullableJson<Failure>
    tags: JSONColumnType<Record<string, string>, string | undefined, string>
    priority: number | null
    parent: string | null
    config: NullableJson<RunConfig>
    sync: NullableJson<SyncRunOptions>
  }
  pool_limit: { environment: string; pool: string; source: string; slots: number }
  lease: {
    id: Generated<number>
    environment: string
    workflow_id: string
    execution: string
    project: string
    run: string
    step: string | null
    pools: string[]
    priority: number
    requested_at: Generated<string>
    granted_at: string | null
    notified: Generated<boolean>
  }
  pool_turn: { environment: string; pool: string; project: string; turn: number }
  plan_page: { run: string; page: number; steps: Json<PlanStep[]> }
  run_asset: {
    run: string
    asset_id: number
    position: number
    step: string
    status: RunAssetRow['status']
    reasons: Json<StaleReason[]>
    attempt: number
    started_at: string | null
    ended_at: string | null
    failure: NullableJson<Failure>
    upstream: AssetKey | null
    reason: string | null
    summary: string | null
    rows: number | null
    partitions: Generated<number | null>
  }
  materialization: {
    id: Generated<number>
    asset_id: number
    run: string
    revision: number
    code_version: string
    data_version: string
    upstream: Json<Record<AssetKey, string>>
    warehouse: string
    rows: number | null
    started_at: string
    ended_at: string
    duration_ms: number
    statistics: Json<ColumnStatistics[]>
    metadata: Json<JsonObject>
    failed_checks: string[]
    summary: string | null
  }
  check_result: {
    materialization_id: number
    position: number
    asset_id: number
    name: string
    severity: 'warn' | 'error'
    passed: boolean
    failures: number | null
    message: string | null
    run: string
    at: Generated<string>
    blocking: boolean
    metadata: Json<JsonObject>
    reference: NullableJson<JsonObject>
  }
  freshness: {
    asset_id: number
    scope_id: number
    status: SlaStatus
    since: string
    deadline: string | null
    judged_at: Generated<string>
  }
  check_run: {
    id: string
    number: Generated<number>
    scope_id: number
    revision: number
    selection: string
    targets: AssetKey[]
    partitions: Generated<string | null>
    accept: boolean
    status: Generated<CheckRunStatus>
    counts: Json<Partial<CheckCounts>>
    failure: NullableJson<Failure>
    started_at: Generated<string>
    ended_at: string | null
  }
  event: {
    sequence: Generated<number>
    at: Generated<string>
    scope_id: number
    run: string | null
    asset_id: number | null
    type: EventType
    data: Json<JsonObject>
  }
  retention: { scope_id: number; events_days: number; maintained_at: string }
  log_stream: { run: string; step: string; lines: number; bytes: Generated<number>; created_at: Generated<string> }
  log_chunk: {
    run: string
    step: string
    first: number
    count: number
    lines: Json<{ at: string; stream: LogStream; text: string }[]>
    digest: string
    bytes: Generated<number>
  }
  sync_run: {
    id: string
    number: Generated<number>
    asset_id: number
    run: string
    status: Generated<SyncRunStatus>
    mode: string
    batches: number
    planned: Json<SyncCounts>
    sent: number | null
    accepted: number | null
    skipped: number | null
    rejected: number | null
    unknown: number | null
    started_at: Generated<string>
    ended_at: string | null
    warehouse: string | null
    resumed_by: string | null
    target: string | null
    waiting: number | null
    requests: number | null
    throttled: number | null
    request_retries: number | null
    bytes: number | null
    freeze_ms: number | null
    send_ms: number | null
    settle_ms: number | null
    degraded: NullableJson<readonly string[]>
  }
  sync_pause: {
    asset_id: number
    by: PausedSync['by']
    reason: string | null
    since: Generated<string>
  }
  sync_resend: {
    asset_id: number
    up_to: number
    requested_at: Generated<string>
    applied_by: string | null
  }
  sync_request: {
    asset_id: number
    request: SyncRequest
    requested_at: Generated<string>
    applied_by: string | null
  }
  sync_batch: {
    sync_run: string
    batch: number
    first_ordinal: number
    last_ordinal: number
    payload_hash: string
    state: Generated<'intent' | 'acknowledged' | 'unknown'>
  }
  sync_exception: {
    sync_run: string
    ordinal: number
    fate: SyncRowFate
    code: string
    message: string
  }
}
