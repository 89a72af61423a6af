import type { BackfillStore } from './backfills/types.ts'
import type { PartitionStore } from './partitions/types.ts'
import type {
  AssetKey,
  AssetOutcome,
  AssetSpec,
  AssetStates,
  CheckCounts,
  CheckResult,
  ColumnLineage,
  CheckRunStatus,
  EventType,
  Failure,
  FreshnessFacts,
  JsonObject,
  LastGood,
  LeaseOwner,
  LeaseRequest,
  Manifest,
  ManifestDiff,
  Materialization,
  ModelCodes,
  PlanPage,
  PoolLimit,
  Pruned,
  Retention,
  RunPlan,
  RunStatus,
  Scope,
  SlaStatus,
  StepInput,
  TraitlineEvent,
  RunConfig,
  PausedSync,
  SyncCounts,
  SyncRunOptions,
  SyncTraffic,
  SyncRequest,
} from '../contract/index.ts'
import type { AlertStore } from './alerts/types.ts'
import type { RateStore } from './rates/rates.ts'
import type { ResultStore } from './results.ts'

import type { AutomationStore, RunRequestStore, TriggerStore } from './automation/types.ts'
import type { OutboxStore } from './outbox/types.ts'

export type * from './alerts/types.ts'
export type { ManifestDiff } from '../contract/index.ts'
export type * from './backfills/types.ts'
export type * from './partitions/types.ts'
export type * from './automation/types.ts'
export type * from './outbox/types.ts'
export type * from './rates/rates.ts'

/** All that Traitline remembers, in Postgres. Every write may be repeated: the second one changes nothing. */
export interface Store {
  readonly revisions: RevisionStore
  readonly runs: RunStore
  readonly assets: AssetStore
  readonly alerts: AlertStore
  readonly checks: CheckStore
  readonly partitions: PartitionStore
  readonly freshness: FreshnessStore
  readonly backfills: BackfillStore
  readonly events: EventStore
  readonly logs: LogStore
  readonly maintenance: MaintenanceStore
  readonly syncs: SyncJournal
  readonly rates: RateStore
  readonly results: ResultStore
  readonly lineage: LineageStore
  readonly openLineage: OpenLineageReader
  readonly outbox: OutboxStore
  readonly leases: LeaseStore
  readonly automation: AutomationStore
  readonly requests: RunRequestStore
  readonly triggers: TriggerStore
  /** Answers if the database does, and throws STORE_UNREACHABLE otherwise. */
  ping(): Promise<void>
  close(): Promise<void>
}

export interface RevisionRow extends Scope {
  readonly number: number
  readonly manifestHash: string
  readonly diff: ManifestDiff
  readonly deployedAt: string
  readonly deployedBy: string | null
  readonly assetCount: number
}

export interface RevisionStore {
  /** Stores the manifest as the next revision, or answers the latest if its hash is the same (`created: false`). */
  deploy(input: {
    readonly scope: Scope
    readonly manifest: Manifest
    readonly manifestHash: string
    readonly diff: ManifestDiff
    readonly deployedBy: string | null
    /** What lineage is computed from beside the manifest. */
    readonly code?: ModelCodes
  }): Promise<RevisionRow & { readonly created: boolean }>
  latest(scope: Scope): Promise<(RevisionRow & { readonly manifest: Manifest }) | null>
  get(scope: Scope, number: number): Promise<(RevisionRow & { readonly manifest: Manifest }) | null>
  list(scope: Scope, page: { readonly limit: number; readonly before?: number }): Promise<RevisionRow[]>
  /** Definitions of some assets as a revision had them, without reading all of it. */
  specs(scope: Scope, number: number, keys: readonly AssetKey[]): Promise<AssetSpec[]>
  /** Every (environment, project) that has a revision. */
  scopes(): Promise<Scope[]>
}

export interface RunRow extends Scope {
  readonly run: string
  readonly revision: number
  readonly selection: string
  readonly targets: readonly AssetKey[]
  readonly force: boolean
  /** Of which partitions, as it was written; null if nothing was said. */
  readonly partitions: string | null
  readonly status: RunStatus
  readonly queuedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  /** Assets by outcome so far. */
  readonly counts: Readonly<Partial<Record<AssetOutcome['status'], number>>>
  readonly failure: Failure | null
  readonly tags: Readonly<Record<string, string>>
  /** From 1, which goes first, to 5; null for the usual one. */
  readonly priority: number | null
  /** The run that this one does again. */
  readonly parent: string | null
  /** Parameters of notebooks for this run alone; null for those of their definitions. */
  readonly config: RunConfig | null
  /** What it asks of the one sync that it runs beside the usual; null for nothing. */
  readonly sync: SyncRunOptions | null
}

/** One asset of one run: the run page's timeline. */
export interface RunAssetRow {
  readonly asset: AssetKey
  readonly step: string
  readonly status: 'planned' | 'running' | AssetOutcome['status']
  readonly reasons: readonly { readonly type: string; readonly upstream?: AssetKey }[]
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly attempt: number
  readonly failure: Failure | null
  readonly summary: string | null
  readonly rows: number | null
  /** How many partitions of it; null for an asset without. */
  readonly partitions: number | null
}

export interface StepTimeRow {
  readonly run: string
  readonly step: string
  readonly wallMs: number
  readonly workMs: number
}

export interface RunStore {
  /** Records a run as queued; the same id again changes nothing. */
  create(input: {
    readonly scope: Scope
    readonly run: string
    readonly revision: number
    readonly selection: string
    readonly targets: readonly AssetKey[]
    readonly force: boolean
    readonly tags?: Readonly<Record<string, string>>
    readonly priority?: number
    readonly parent?: string
    readonly partitions?: string | null
    readonly config?: RunConfig | null
    readonly sync?: SyncRunOptions | null
  }): Promise<void>
  get(run: string): Promise<RunRow | null>
  /** With `tags`, only runs that have all of them. */
  list(
    scope: Scope,
    page: {
      readonly limit: number
      readonly before?: string
      readonly tags?: Readonly<Record<string, string>>
      readonly status?: RunRow['status']
    },
  ): Promise<RunRow[]>
  /** Runs that have not ended, oldest first: to be held against Temporal when a server starts. */
  open(scope: Scope): Promise<RunRow[]>
  assets(run: string): Promise<RunAssetRow[]>
  /** Whether a step has nothing left to do: each of its assets has an outcome, or the run has ended. */
  stepEnded(run: string, step: string): Promise<boolean>
  /** Of the run's targets those that did not succeed: what failed a blocking check did not either. */
  unsuccessful(run: string): Promise<AssetKey[]>
  /** Keeps the plan and marks the run as running; a run that has a plan keeps it. Answers the first page. */
  savePlan(run: string, plan: RunPlan): Promise<PlanPage>
  planPage(run: string, page: number): Promise<PlanPage>
  hasPlan(run: string): Promise<boolean>
  /** Of steps of several assets: from the first's start to the last's end, and what their own work took of it. */
  stepTimes(runs: readonly string[], steps: readonly string[]): Promise<StepTimeRow[]>
  finish(run: string, status: RunStatus, failure: Failure | null): Promise<void>
}

export interface AssetStatusRow {
  readonly asset: AssetKey
  readonly status: 'never' | 'running' | 'materialized' | 'failed' | 'upstream_failed' | 'cancelled'
  readonly run: string | null
  readonly materializedAt: string | null
  readonly rows: number | null
  readonly dataVersion: string | null
  readonly codeVersion: string | null
  readonly failedChecks: readonly string[]
  readonly failure: Failure | null
  /** Sequence of the last event that changed this row. */
  readonly sequence: number
}

export interface MaterializationRow extends Materialization {
  readonly id: string
  /** Of what others reported, the report's id: see `recordReport`. */
  readonly run: string
  readonly revision: number
  readonly endedAt: string
}

/** One evaluation of one check. Of what it compares with, only what it measured is told. */
export interface CheckRow extends Omit<CheckResult, 'reference'> {
  readonly asset: AssetKey
  /** The partition that was looked at; absent where the asset was looked at as a whole. */
  readonly partition?: string
  /** The run, or check run, that evaluated it. */
  readonly run: string
  readonly at: string
}

export interface CheckRunRow extends Scope {
  readonly run: string
  readonly revision: number
  readonly selection: string
  readonly targets: readonly AssetKey[]
  /** Of which partitions, as it was written; null if nothing was said. */
  readonly partitions: string | null
  readonly accept: boolean
  readonly status: CheckRunStatus
  readonly counts: CheckCounts
  readonly failure: Failure | null
  readonly startedAt: string
  readonly endedAt: string | null
}

/** Results of checks beyond those that come with a materialisation (see `recordMaterialization`). */
export interface CheckStore {
  /** Latest evaluation first, each in the order of its checks; of one check alone if it is named. */
  history(
    scope: Scope,
    asset: AssetKey,
    page: { readonly limit: number; readonly name?: string; readonly partition?: string },
  ): Promise<CheckRow[]>
  /** All that one check run, or run, found of these assets. */
  resultsOf(scope: Scope, run: string, page: { readonly limit: number }): Promise<CheckRow[]>
  /** The latest materialisation of an asset; null if there is none. */
  latest(scope: Scope, asset: AssetKey): Promise<CheckedMaterialization | null>
  /**
   * What the check `name` kept of the latest materialisation that failed no blocking check; before `before`, an id, if
   * one is named.
   */
  lastGood(scope: Scope, asset: AssetKey, name: string, before: string | null): Promise<LastGood | null>
  /**
   * Records results that belong to a materialisation which is there already, and the blocking state that follows: of
   * the failed checks so far those in `gone` no longer count, nor those evaluated now. One statement; in one (run,
   * asset) once. False if the asset has been materialised anew in the meantime: then nothing is recorded.
   */
  record(input: {
    readonly scope: Scope
    readonly run: string
    readonly asset: AssetKey
    readonly materialization: string
    readonly results: readonly CheckResult[]
    readonly gone: readonly string[]
  }): Promise<boolean>
  /** Of these partitions those that are materialised, in their order. */
  ofPartitions(scope: Scope, asset: AssetKey, partitions: readonly string[]): Promise<CheckedPartition[]>
  /** Those that a check run has looked at already. */
  partitionsChecked(scope: Scope, asset: AssetKey, run: string): Promise<string[]>
  /**
   * The same as `lastGood` for the first of `partitions`: of the first that has a materialisation without a failed
   * blocking check. What the run `butOf` made of the partition itself is left out: it is what is looked at.
   */
  lastGoodPartition(
    scope: Scope,
    asset: AssetKey,
    name: string,
    among: { readonly partitions: readonly string[]; readonly butOf: string },
  ): Promise<LastGood | null>
  /** The same as `record` for a partition as `madeRun` made it. */
  recordPartition(input: {
    readonly scope: Scope
    readonly run: string
    readonly asset: AssetKey
    readonly partition: string
    readonly madeRun: string
    readonly results: readonly CheckResult[]
    readonly gone: readonly string[]
  }): Promise<boolean>
  begin(input: {
    readonly scope: Scope
    readonly run: string
    readonly revision: number
    readonly selection: string
    readonly targets: readonly AssetKey[]
    /** Which partitions of those that have any, as it was written; null for the latest. */
    readonly partitions?: string | null
    readonly accept: boolean
  }): Promise<void>
  finish(
    scope: Scope,
    run: string,
    end: { readonly status: CheckRunStatus; readonly counts: CheckCounts; readonly failure: Failure | null },
  ): Promise<void>
  run(run: string): Promise<CheckRunRow | null>
  runs(scope: Scope, limit: number): Promise<CheckRunRow[]>
}

/** How assets stand to their freshness policies; what was judged last, for those who want to know of changes. */
export interface FreshnessStore {
  /** Of assets that are registered; of all of the scope for `keys` null. */
  facts(scope: Scope, keys: readonly AssetKey[] | null): Promise<ReadonlyMap<AssetKey, FreshnessFacts>>
  /** A run looked at these assets and found them fresh. */
  confirm(scope: Scope, keys: readonly AssetKey[]): Promise<void>
  /**
   * Keeps what was judged of all assets that have a policy, and tells by an event of each whose status is another than
   * before; at first only of those that are in need. Assets that are left out have no policy any more.
   */
  record(scope: Scope, judged: readonly JudgedFreshness[]): Promise<void>
  /** What was recorded last. */
  recorded(scope: Scope): Promise<readonly JudgedFreshness[]>
}

export interface JudgedFreshness {
  readonly asset: AssetKey
  readonly status: SlaStatus
  readonly since: string
  readonly deadline: string | null
}

/** One partition as it is there. */
export interface CheckedPartition {
  readonly partition: string
  readonly madeRun: string
  readonly rows: number | null
  readonly failedChecks: readonly string[]
}

export interface CheckedMaterialization {
  readonly id: string
  readonly rows: number | null
  readonly metadata: JsonObject
  readonly warehouse: string
  readonly failedChecks: readonly string[]
}

export interface AssetStore {
  /** Assets keep their row, and their history, while their keys stand in any revision. */
  register(scope: Scope, assets: readonly AssetSpec[]): Promise<void>
  /** What planning reads; every key asked for is answered. */
  states(scope: Scope, keys: readonly AssetKey[]): Promise<AssetStates>
  statuses(scope: Scope): Promise<AssetStatusRow[]>
  /** Statuses of the scope and states of these keys by one read, as of one instant: a page of 10,000 assets. */
  overview(
    scope: Scope,
    keys: readonly AssetKey[],
  ): Promise<{ readonly statuses: readonly AssetStatusRow[]; readonly states: AssetStates }>
  status(scope: Scope, asset: AssetKey): Promise<AssetStatusRow | null>
  /**
   * A step begins to work on these assets. `attempt` counts Temporal's attempts of the activity, from 1. Answers what
   * this run recorded of them already (that stands), and the states of the assets in `reads`.
   */
  startStep(
    input: StepInput,
    assets: readonly AssetKey[],
    attempt: number,
    reads?: readonly AssetKey[],
  ): Promise<{ readonly recorded: readonly AssetOutcome[]; readonly states: AssetStates }>
  /**
   * One transaction: materialisation, checks, statuses, run's row and events. The second call for the same
   * (run, asset) answers the outcome of the first.
   */
  recordMaterialization(
    input: StepInput,
    materialization: Materialization,
    summary: string | null,
  ): Promise<Extract<AssetOutcome, { status: 'materialized' }>>
  /**
   * What others materialised, without a run: materialisation, checks, status and events in one statement. `report` is
   * the report's id: the same one again answers the first materialisation, `recorded: false`.
   */
  recordReport(
    input: { readonly scope: Scope; readonly report: string; readonly revision: number },
    materialization: Materialization,
  ): Promise<{ readonly id: string; readonly recorded: boolean }>
  /** Outcomes other than a materialisation. An asset that has an outcome in this run keeps it. */
  recordOutcomes(scope: Scope, run: string, outcomes: readonly AssetOutcome[]): Promise<void>
  /**
   * Forgets what is materialised, and its partitions; history, tables and what a sync has sent stay. Answers the assets
   * of which there was something to forget. Throws WIPE_WHILE_RUNNING while a run that may make one has not ended.
   */
  wipe(scope: Scope, keys: readonly AssetKey[]): Promise<readonly AssetKey[]>
  /** Outcomes that this run already has for these assets. */
  outcomes(run: string, assets: readonly AssetKey[]): Promise<AssetOutcome[]>
  materializations(
    scope: Scope,
    asset: AssetKey,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<MaterializationRow[]>
  /** Of each asset that was ever materialised: who made what is there, and how long the latest took. */
  builds(scope: Scope, keys: readonly AssetKey[]): Promise<BuildRow[]>
}

/** What an estimate and a plan want to know of an asset's past. */
export interface BuildRow {
  readonly asset: AssetKey
  /** Of the latest materialisation. */
  readonly revision: number
  readonly run: string
  readonly endedAt: string
  readonly warehouse: string
  /** The latest five at most, newest first. */
  readonly recent: readonly { readonly run: string; readonly durationMs: number }[]
}

export interface EventFilter {
  readonly scope?: Scope
  readonly run?: string
  readonly asset?: AssetKey
}

export interface EventStore {
  append(event: {
    readonly scope: Scope
    readonly run: string | null
    readonly asset: AssetKey | null
    readonly type: EventType
    readonly data: JsonObject
    /** The same key in the same run is stored once. */
    readonly once?: string
  }): Promise<void>
  after(sequence: number, filter: EventFilter, limit: number): Promise<TraitlineEvent[]>
  lastSequence(): Promise<number>
  /** Calls back soon after events were committed, once for many; for reading `after` again. Reconnects by itself. */
  listen(onEvents: () => void): Promise<() => Promise<void>>
}

export interface MaintenanceStore {
  /**
   * Removes logs of runs that ended longer ago than the project keeps them, and months of the event log that no project
   * keeps any more. May run beside everything else, and as often as one likes.
   */
  prune(scope: Scope, retention: Retention): Promise<Omit<Pruned, 'notebooks'>>
}

export type LogStream = 'stdout' | 'stderr' | 'structured'

export interface LogLine {
  readonly number: number
  readonly at: string
  readonly stream: LogStream
  readonly text: string
}

/** Output of dbt, notebooks and connectors by (run, step). */
export interface LogStore {
  append(input: {
    readonly scope: Scope
    readonly run: string
    readonly step: string
    readonly lines: readonly { readonly at: string; readonly stream: LogStream; readonly text: string }[]
  }): Promise<void>
  /** Where lines were left out, one line says so in their place, under the number of the last of them. */
  read(run: string, step: string, page: { readonly after: number; readonly limit: number }): Promise<LogLine[]>
  steps(run: string): Promise<string[]>
}

/** What a step's log keeps, in bytes of UTF-8: its beginning and its end, and a line that says what lies between. */
export interface LogLimits {
  readonly firstBytes: number
  readonly lastBytes: number
}

/** One limit of a pool, and who set it: null for an operator, whose limit goes before a project's. */
export interface PoolLimitRow extends PoolLimit {
  readonly project: string | null
}

export interface LeaseRow extends LeaseOwner {
  readonly project: string
  readonly run: string
  readonly step: string | null
  readonly pools: readonly string[]
  readonly priority: number
  readonly requestedAt: string
  /** Null while it waits. */
  readonly grantedAt: string | null
}

/** A request that waits. */
export interface WaitingLease extends LeaseRow {
  /** Those of its pools that have no free slot. */
  readonly full: readonly string[]
  /** From 1, among those that want one of its pools. */
  readonly position: number
}

export interface PoolUse {
  readonly limits: readonly PoolLimitRow[]
  readonly held: readonly LeaseRow[]
  /** In the order in which they would be served now. */
  readonly waiting: readonly WaitingLease[]
}

/** Owners that were granted a lease and do not know of it yet. */
export type NewlyGranted = readonly LeaseOwner[]

/**
 * Slots of pools, granted under one lock an environment. Whoever changes something gets the leases that are granted
 * and untold, and tells them (`told`); if that fails, the next one gets them again.
 */
export interface LeaseStore {
  /** Asks, or asks again. */
  acquire(request: LeaseRequest): Promise<{ readonly granted: boolean; readonly untold: NewlyGranted }>
  /** Gives a lease back, or takes a request back. */
  release(owner: LeaseOwner): Promise<{ readonly untold: NewlyGranted }>
  told(owner: LeaseOwner): Promise<void>
  /** An operator's limit; null takes it away. */
  setLimit(environment: string, pool: string, slots: number | null): Promise<{ readonly untold: NewlyGranted }>
  /** Of these pools those that have a limit. */
  limited(environment: string, pools: readonly string[]): Promise<ReadonlySet<string>>
  use(environment: string): Promise<PoolUse>
}

export type SyncRunStatus = 'frozen' | 'sending' | 'settled' | 'failed' | 'superseded'

export interface PendingResend {
  readonly upTo: number
  readonly syncRuns: readonly string[]
}

/** The accounting of one sync run; `accepted + skipped + rejected + unknown = sent` at its end. */
export interface SyncRunRow {
  readonly syncRun: string
  /** Identity of the warehouse that froze it; null of one that was frozen before that was recorded. */
  readonly warehouse: string | null
  /** The latest run that went on with it after `run` had failed. */
  readonly resumedBy: string | null
  /** Tells where its rows go from other places; null of one that began before that was recorded. */
  readonly target: string | null
  readonly run: string
  readonly sync: AssetKey
  readonly status: SyncRunStatus
  readonly mode: string
  readonly batches: number
  readonly planned: SyncCounts
  readonly sent: number
  readonly accepted: number
  readonly skipped: number
  readonly rejected: number
  readonly unknown: number
  readonly startedAt: string
  readonly endedAt: string | null
  /** Rows that the destination rejected and that are yet to be tried again, of this and earlier ones; null until its end. */
  readonly waiting: number | null
  readonly traffic: SyncTraffic
  /** How long each phase took; null until it is over. Sending is from the first claim to the last answer. */
  readonly freezeMs: number | null
  readonly sendMs: number | null
  readonly settleMs: number | null
  /** What is not right with it although it succeeded, in words. */
  readonly degraded: readonly string[]
}

export interface OwedRow {
  readonly sync: AssetKey
  /** Rejected rows of its last and earlier sync runs that are yet to be tried again. */
  readonly rejected: number
  /** It ended, or was cut off, before all of it was sent. */
  readonly unfinished: boolean
}

export type SyncRowFate = 'rejected' | 'skipped' | 'unknown'

export interface SyncBatchRow {
  readonly batch: number
  readonly firstOrdinal: number
  readonly lastOrdinal: number
  readonly payloadHash: string
  readonly state: 'intent' | 'acknowledged' | 'unknown'
}

export interface SyncException {
  /** Of the frozen row, from 1; the key itself stays in the warehouse. */
  readonly ordinal: number
  readonly fate: SyncRowFate
  readonly code: string
  readonly message: string
}

/**
 * What happened to each batch, true the moment it commits. Every write names the writer's epoch and is refused with
 * SYNC_FENCED if a later writer has taken over.
 */
export interface SyncJournal {
  /** Takes over as the one writer of a sync: the epoch of every earlier one is void. */
  acquireWriter(scope: Scope, sync: AssetKey, holder: string): Promise<number>
  /** The sync run that (run, sync) froze, or goes on with. */
  find(scope: Scope, run: string, sync: AssetKey): Promise<SyncRunRow | null>
  /**
   * Sync runs that ended without being settled, oldest first: their acknowledgements are yet to be merged, into the
   * ledger of the warehouse that froze them. Of other warehouses than this one, those that nobody has ended yet.
   */
  unsettled(scope: Scope, sync: AssetKey, warehouse: string): Promise<SyncRunRow[]>
  begin(input: {
    readonly scope: Scope
    readonly sync: AssetKey
    readonly run: string
    readonly syncRun: string
    readonly epoch: number
    readonly warehouse: string
    readonly mode: string
    readonly batches: number
    readonly planned: SyncCounts
    readonly target: string
    /** The `upTo` of the wish that it fulfils. */
    readonly resend?: number | null
    readonly freezeMs?: number
    /** The request that it fulfils. */
    readonly request?: SyncRequest | null
  }): Promise<void>
  get(scope: Scope, sync: AssetKey, syncRun: string): Promise<SyncRunRow | null>
  /** Another run goes on with what a failed one left: its batches keep their ids. */
  resume(input: {
    readonly scope: Scope
    readonly sync: AssetKey
    readonly run: string
    readonly syncRun: string
    readonly epoch: number
  }): Promise<SyncRunRow>
  /**
   * Wishes that rows whose outcome is unknown are sent again by the next run, which is then due. Answers how many rows
   * the sync runs that ended since the last wish could not tell of; with none it wishes nothing. `from` is what the sync
   * sends.
   */
  requestResend(scope: Scope, sync: AssetKey, from: AssetKey): Promise<number>
  /** The wish that is not fulfilled yet, with the sync runs that had such rows. */
  pendingResend(scope: Scope, sync: AssetKey): Promise<PendingResend | null>
  /** Asks the next run, which is then due, to do this once; it takes the place of what was asked before. */
  request(scope: Scope, sync: AssetKey, from: AssetKey, request: SyncRequest): Promise<void>
  /** What is asked for and no sync run has done yet. */
  pendingRequest(scope: Scope, sync: AssetKey): Promise<SyncRequest | null>
  /** Of each sync that ever began a sync run, where its last one went. */
  targets(scope: Scope): Promise<Readonly<Record<AssetKey, string>>>
  /** Before a batch leaves. The same batch again (a retry) keeps its row. */
  intend(input: {
    readonly scope: Scope
    readonly sync: AssetKey
    readonly syncRun: string
    readonly epoch: number
    readonly batch: Omit<SyncBatchRow, 'state'>
  }): Promise<void>
  /** One transaction: acknowledgement and exceptions. */
  acknowledge(input: {
    readonly scope: Scope
    readonly sync: AssetKey
    readonly syncRun: string
    readonly epoch: number
    readonly batch: number
    readonly state: 'acknowledged' | 'unknown'
    readonly exceptions: readonly SyncException[]
    readonly traffic?: SyncTraffic
  }): Promise<void>
  batches(syncRun: string): Promise<SyncBatchRow[]>
  exceptions(syncRun: string, page: { readonly after: number; readonly limit: number }): Promise<SyncException[]>
  finish(input: {
    readonly scope: Scope
    readonly sync: AssetKey
    readonly syncRun: string
    readonly epoch: number
    readonly status: Exclude<SyncRunStatus, 'frozen' | 'sending'>
    readonly waiting?: number
    readonly settleMs?: number
  }): Promise<SyncRunRow>
  /** Says of an ended one what is not right with it. */
  degraded(input: {
    readonly scope: Scope
    readonly sync: AssetKey
    readonly syncRun: string
    readonly epoch: number
    readonly degraded: readonly string[]
  }): Promise<void>
  /** Planned runs leave it out from now on. Once more changes nothing. */
  pause(
    scope: Scope,
    sync: AssetKey,
    pause: { readonly by: PausedSync['by']; readonly reason: string | null; readonly run?: string },
  ): Promise<void>
  /** Answers whether it was paused. */
  unpause(scope: Scope, sync: AssetKey): Promise<boolean>
  paused(scope: Scope): Promise<PausedSync[]>
  /** Sync runs that started within a time, oldest first. */
  between(
    scope: Scope,
    sync: AssetKey,
    time: { readonly from: string; readonly to: string; readonly limit: number },
  ): Promise<SyncRunRow[]>
  list(scope: Scope, sync: AssetKey, limit: number): Promise<SyncRunRow[]>
  /** Syncs whose last run left rows that the destination does not have. */
  owed(scope: Scope): Promise<OwedRow[]>
}

/** The lineage of a revision, or why there is none yet. */
export type RevisionLineage =
  | { readonly status: 'ready'; readonly lineage: ColumnLineage }
  | { readonly status: 'pending'; readonly failure: Failure | null }

/** Column lineage, computed after a deployment by whoever claims it. */
export interface LineageStore {
  /**
   * Claims the scope's latest revision for `seconds` if it has no lineage and nobody else has it; null otherwise. Who
   * dies over it loses it by the clock.
   */
  claim(
    scope: Scope,
    seconds: number,
  ): Promise<{ readonly revision: number; readonly manifest: Manifest; readonly code: ModelCodes } | null>
  has(hash: string): Promise<boolean>
  /** Keeps the lineage of inputs with this hash; null if the store `has` it. Repeated, it changes nothing. */
  save(scope: Scope, revision: number, hash: string, lineage: ColumnLineage | null): Promise<void>
  /** Why it could not be computed; it is tried again when the claim has run out. */
  fail(scope: Scope, revision: number, failure: Failure): Promise<void>
  get(scope: Scope, revision: number): Promise<RevisionLineage>
  code(scope: Scope, revision: number): Promise<ModelCodes>
}

/** An event of the log with what is told of it to OpenLineage. */
export interface OpenLineageFact {
  readonly event: TraitlineEvent
  /** Whether the asset's step had begun. */
  readonly begun: boolean
  readonly materialization: MaterializationRow | null
}

/** What OpenLineage is told of, read from the event log. */
export interface OpenLineageReader {
  /** Events after a sequence that are told, and the last sequence that was looked at. */
  facts(
    scope: Scope,
    after: number,
    limit: number,
  ): Promise<{ readonly facts: OpenLineageFact[]; readonly last: number }>
  /** The time of a cron that a run was started for; null for any other run. */
  scheduledAt(run: string): Promise<string | null>
}
