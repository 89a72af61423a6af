import type { AlertItem, AssetKey, EventType, JsonObject, Scope } from '../../contract/index.ts'
import type { NewOutboxMessage } from '../outbox/types.ts'

export interface AlertFactRow {
  readonly sequence: number
  readonly at: string
  readonly type: EventType
  readonly asset: AssetKey | null
  readonly data: JsonObject
  /** Of a sync: rows that its run sent, and those of them that it left rejected. */
  readonly sent: number | null
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

/** What alerts read of the event log, and what they said and did not take back. */
export interface AlertStore {
  /** Events beyond a sequence: those of no run by themselves, and the runs and check runs that ended. */
  news(
    scope: Scope,
    after: number,
    limit: number,
  ): Promise<{ readonly alone: number[]; readonly ended: string[]; readonly last: number; readonly read: number }>
  facts(scope: Scope, of: { readonly run: string } | { readonly sequences: readonly number[] }): Promise<AlertFactRow[]>
  open(scope: Scope): Promise<OpenAlertRow[]>
  /** With the messages, in the outbox. False if somebody else moved the cursor: then nothing happens. */
  commit(
    scope: Scope,
    found: {
      readonly from: number
      readonly to: number
      readonly messages: readonly NewOutboxMessage[]
      readonly opened: readonly { readonly alert: string; readonly subject: string; readonly item: AlertItem }[]
      readonly closed: readonly { readonly alert: string; readonly subject: string }[]
    },
  ): Promise<boolean>
}
