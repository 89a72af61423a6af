import type {
  AlertItem,
  AlertMessage,
  AlertTarget,
  AssetKey,
  EventType,
  JsonObject,
  Scope,
} from '../../contract/index.ts'

export interface AlertFactRow {
  readonly sequence: number
  readonly at: string
  readonly type: EventType
  readonly asset: AssetKey | null
  readonly data: JsonObject
  /** Of a sync: rows that its run left rejected. */
  readonly rejected: number | null
  readonly selection: string | null
}

/** What an alert has said and not taken back. */
export interface OpenAlertRow {
  readonly alert: string
  readonly subject: string
  readonly item: AlertItem
  readonly since: string
  readonly toldAt: string
}

/** A message to one target. */
export interface AlertEntry {
  readonly id: string
  readonly cause: string
  readonly target: AlertTarget
  readonly body: AlertMessage
  readonly state: 'waiting' | 'delivered' | 'dead'
  readonly attempts: number
  readonly createdAt: string
  readonly endedAt: string | null
  /** Why the last attempt failed. */
  readonly problem: string | null
}

export interface NewAlertMessage {
  /** One alert says one cause once to a target. */
  readonly cause: string
  readonly body: AlertMessage
  readonly targets: readonly AlertTarget[]
}

/** Alerts follow the event log by a cursor into an outbox; the cursor moves with what it found, or not at all. */
export interface AlertStore {
  /** At first where the log ends: what happened before is not told. */
  cursor(scope: Scope): Promise<number>
  /** Events beyond a sequence: those of no run by themselves, and the runs and check runs that ended. */
  news(
    scope: Scope,
    after: number,
    limit: number,
  ): Promise<{ readonly alone: number[]; readonly ended: string[]; readonly last: number; readonly read: number }>
  facts(scope: Scope, of: { readonly run: string } | { readonly sequences: readonly number[] }): Promise<AlertFactRow[]>
  open(scope: Scope): Promise<OpenAlertRow[]>
  /** False if somebody else moved the cursor: then nothing happened. */
  commit(
    scope: Scope,
    found: {
      readonly from: number
      readonly to: number
      readonly messages: NewAlertMessage[]
      readonly opened: readonly { readonly alert: string; readonly subject: string; readonly item: AlertItem }[]
      readonly closed: readonly { readonly alert: string; readonly subject: string }[]
    },
  ): Promise<boolean>
  enqueue(scope: Scope, message: NewAlertMessage): Promise<void>
  /** One message that is due; whoever dies over it loses it after so many seconds. */
  claim(scope: Scope, seconds: number): Promise<AlertEntry | null>
  settle(
    id: string,
    result:
      | { readonly state: 'delivered' }
      | { readonly state: 'dead'; readonly problem: string }
      | { readonly state: 'waiting'; readonly problem: string; readonly seconds: number },
  ): Promise<void>
  dueInMs(scope: Scope): Promise<number | null>
  /** Latest first. */
  list(scope: Scope, limit: number): Promise<AlertEntry[]>
}
