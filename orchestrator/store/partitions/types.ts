import type {
  AssetKey,
  AssetOutcome,
  AssetState,
  CheckResult,
  Failure,
  PartitionStatus,
  Scope,
  StepInput,
} from '../../contract/index.ts'

/** A partition and where it stands among the asset's others. */
export interface PartitionPlace {
  readonly partition: string
  readonly position: number
}

/** One partition as an activity made it. */
export interface PartitionMaterialization extends PartitionPlace {
  readonly codeVersion: string
  readonly dataVersion: string
  readonly upstream: Readonly<Record<AssetKey, string>>
  readonly warehouse: string
  readonly rows: number | null
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  /** Blocking ones that it failed, those of `checks` among them. */
  readonly failedChecks: readonly string[]
  readonly checks?: readonly CheckResult[]
}

/** What is known of one partition now. */
export interface PartitionRow extends PartitionPlace {
  readonly status: PartitionStatus
  readonly run: string | null
  readonly dataVersion: string | null
  readonly codeVersion: string | null
  readonly upstream: Readonly<Record<AssetKey, string>> | null
  readonly rows: number | null
  readonly failedChecks: readonly string[]
  readonly materializedAt: string | null
  readonly durationMs: number | null
  readonly failure: Failure | null
}

/** What became of one partition in one run. */
export interface RunPartitionRow {
  readonly asset: AssetKey
  readonly partition: string
  readonly step: string
  readonly status: 'planned' | 'running' | AssetOutcome['status']
  readonly attempt: number
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly failure: Failure | null
  readonly rows: number | null
}

/** How partitions are numbered from 0, as the graph opens them. */
export interface NumberedPartitions {
  readonly count: number
  keyOf(n: number): string
  /** -1 if it is no partition's key. */
  numberOf(key: string): number
  positionOf(n: number): number
  /** The number of the window that holds a position; of partitions that are told apart by time alone. */
  numberAt(position: number): number
  /** Where time alone tells them apart, by hours or days: how long nearly all of them are. */
  readonly everyMs: number | null
}

/** Partitions `[from, to)` in the same state. */
export interface PartitionRun {
  readonly from: number
  readonly to: number
  readonly status: PartitionStatus
  /** Whether they were ever materialised. */
  readonly made: boolean
}

/**
 * Partitions with a row, by status; `made` counts those that were ever materialised, `failing` those whose latest
 * materialisation failed a blocking check.
 */
export type PartitionCounts = Readonly<Record<PartitionStatus | 'made' | 'failing', number>>

/** By key; a partition of which nothing is known is missing. */
export type PartitionStates = ReadonlyMap<string, AssetState>

/** What the store remembers of partitions. Assets without partitions have nothing here. */
export interface PartitionStore {
  /**
   * A step begins to work on partitions of one asset. Answers what this run recorded of them already (that stands),
   * and what was known of them before.
   */
  start(
    input: StepInput,
    asset: AssetKey,
    partitions: readonly PartitionPlace[],
    attempt: number,
  ): Promise<{ readonly recorded: readonly AssetOutcome[]; readonly states: PartitionStates }>
  /** One statement: each partition is recorded once a run, the second time changes nothing. Answers their outcomes. */
  record(input: StepInput, asset: AssetKey, made: readonly PartitionMaterialization[]): Promise<readonly AssetOutcome[]>
  /** Outcomes other than a materialisation, of one asset or several. One that has an outcome in this run keeps it. */
  recordOutcomes(scope: Scope, run: string, outcomes: readonly AssetOutcome[]): Promise<void>
  outcomes(run: string, asset: AssetKey, partitions: readonly string[]): Promise<AssetOutcome[]>
  states(scope: Scope, asset: AssetKey, partitions: readonly string[]): Promise<PartitionStates>
  /** Of those that have one, their rows, in no order. */
  find(scope: Scope, asset: AssetKey, partitions: readonly string[]): Promise<PartitionRow[]>
  counts(scope: Scope, asset: AssetKey): Promise<PartitionCounts>
  /** The same of many; without those of which nothing is recorded. */
  totals(scope: Scope, assets: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, PartitionCounts>>
  /** Those whose latest materialisation failed a blocking check, latest first. */
  failing(
    scope: Scope,
    asset: AssetKey,
    limit: number,
  ): Promise<readonly { readonly partition: string; readonly failedChecks: readonly string[] }[]>
  /** In order of position, then key; after the one named. */
  page(
    scope: Scope,
    asset: AssetKey,
    page: {
      readonly limit: number
      readonly status?: PartitionStatus
      readonly after?: PartitionPlace
      readonly descending?: boolean
    },
  ): Promise<PartitionRow[]>
  /** All partitions that have a row, as runs in order: for ranges, and for what is missing. */
  runs(scope: Scope, asset: AssetKey, partitions: NumberedPartitions): Promise<readonly PartitionRun[]>
  /** Outcomes of one partition, run by run, latest first. */
  history(
    scope: Scope,
    asset: AssetKey,
    partition: string,
    limit: number,
  ): Promise<(RunPartitionRow & { readonly run: string })[]>
  /** Partitions of a run, in the order of its plan. */
  ofRun(
    run: string,
    page: { readonly limit: number; readonly offset: number; readonly status?: RunPartitionRow['status'] },
  ): Promise<RunPartitionRow[]>
  /** Keys of a set, in the order in which they were added. */
  keys(scope: Scope, set: string): Promise<string[]>
  /** Answers how many were new. */
  addKeys(scope: Scope, set: string, keys: readonly string[]): Promise<number>
  /** Answers how many were there. What was recorded of them stays. */
  removeKeys(scope: Scope, set: string, keys: readonly string[]): Promise<number>
}
