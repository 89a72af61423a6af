import type {
  AssetKey,
  AutomationDecision,
  AutomationMemory,
  AutomationNews,
  AutomationNode,
  AutomationOutcome,
  AutomationReader,
  Failure,
  JsonValue,
  Scope,
} from '../../contract/index.ts'

export interface AutomationRow {
  readonly asset: AssetKey
  readonly at: string
  readonly revision: number
  readonly outcome: AutomationOutcome
  readonly summary: string
  readonly tree: AutomationNode
  readonly run: string | null
  readonly id: string
}

export interface AutomationStore {
  read<T>(scope: Scope, work: (reader: AutomationReader) => Promise<T>): Promise<T>
  /**
   * Keeps what an evaluation decided, and asks for its run, in one transaction. Answers false, and keeps nothing, if
   * another evaluation came first. A decision that is the same as before is not stored again.
   */
  commit(input: {
    readonly scope: Scope
    /** `last` of the news that it was decided by. */
    readonly last: AutomationNews['last']
    readonly sequence: number
    readonly now: string
    readonly revision: number
    readonly ticks: Readonly<Record<string, string>>
    readonly decisions: readonly (AutomationDecision & { readonly memory: AutomationMemory })[]
    /** For the assets that are started. */
    readonly request: Omit<NewRunRequest, 'origin' | 'key'> | null
  }): Promise<boolean>
  /** The nearest instant at which a condition may change by time alone. */
  nextAt(scope: Scope): Promise<string | null>
  /** Runs that a time of a cron started. */
  runsOfTick(scope: Scope, cron: string, at: string): Promise<string[]>
  /** The latest decision of each asset that has one. */
  latest(scope: Scope, assets: readonly AssetKey[] | null): Promise<AutomationRow[]>
  /** Decisions, latest first; of one asset or of all. */
  history(
    scope: Scope,
    page: { readonly asset?: AssetKey; readonly limit: number; readonly before?: string },
  ): Promise<AutomationRow[]>
}

export interface NewRunRequest {
  readonly run: string
  /** `automation`, `sensor/new_orders`, `webhook/orders`. */
  readonly origin: string
  /** Of two requests of the same origin with the same key the first counts. */
  readonly key: string
  readonly revision: number
  readonly selection: string
  readonly targets: readonly AssetKey[]
  /** Which partitions of assets that have any; the latest unless told. */
  readonly partitions?: string | null
  readonly force: boolean
  /** The time of a cron that it is for. */
  readonly scheduledAt?: string
}

export interface RunRequestRow extends NewRunRequest {
  readonly requestedAt: string
  /** When its run was started, or could not be. */
  readonly settledAt: string | null
  readonly failure: Failure | null
}

/** Runs that something asked for which is no person: written with the reason for it, started afterwards. */
export interface RunRequestStore {
  /** Not started yet, oldest first; those that were asked for after a run, where it is told. */
  open(scope: Scope, limit: number, after?: string | null): Promise<RunRequestRow[]>
  /** Of an origin, not started yet. */
  count(scope: Scope, origin: string): Promise<number>
  settle(run: string, failure: Failure | null): Promise<void>
  /** Latest first; of one origin or of all. */
  list(
    scope: Scope,
    page: { readonly origin?: string; readonly limit: number; readonly before?: string },
  ): Promise<RunRequestRow[]>
}

export interface SensorRow {
  readonly name: string
  readonly cursor: string | null
  /** How often it was asked. */
  readonly polls: number
  readonly polledAt: string
  /** Runs that it asked for the last time. */
  readonly requested: number
  /** Why it could not be asked the last time; its cursor is where it was. */
  readonly failure: Failure | null
}

export interface DeliveryRow {
  readonly id: string
  readonly receivedAt: string
  readonly settledAt: string | null
  readonly requested: number
  readonly failure: Failure | null
}

/** Sensors and webhooks: what they said, each with the runs that it asks for in one transaction. */
export interface TriggerStore {
  sensor(scope: Scope, name: string): Promise<SensorRow | null>
  sensors(scope: Scope): Promise<SensorRow[]>
  /** `polls` as it was read, 0 for none. Answers how many requests are new; null if another poll came first. */
  recordPoll(input: {
    readonly scope: Scope
    readonly name: string
    readonly polls: number
    readonly cursor: string | null
    readonly failure: Failure | null
    readonly requests: readonly NewRunRequest[]
  }): Promise<number | null>
  /** False if a delivery with this id is there. */
  receive(input: {
    readonly scope: Scope
    readonly webhook: string
    readonly id: string
    readonly payload: JsonValue
  }): Promise<boolean>
  delivery(
    scope: Scope,
    webhook: string,
    id: string,
  ): Promise<(DeliveryRow & { readonly payload: JsonValue | null }) | null>
  /** Latest first. */
  deliveries(scope: Scope, webhook: string, limit: number): Promise<DeliveryRow[]>
  /** Once: what a delivery led to. Its payload is gone then. */
  settleDelivery(input: {
    readonly scope: Scope
    readonly webhook: string
    readonly id: string
    readonly failure: Failure | null
    readonly requests: readonly NewRunRequest[]
  }): Promise<void>
}
