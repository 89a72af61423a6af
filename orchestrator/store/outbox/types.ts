import type { JsonObject, OutboxChannel, OutboxEntry, OutboxHealth, OutboxState, Scope } from '../../contract/index.ts'

export interface NewOutboxMessage {
  /** Messages of a lane are sent one after another, in the order of their ids. */
  readonly lane: string
  /** A second message with the same key is none. */
  readonly key: string
  readonly body: JsonObject
  /** After one was delivered, the next of its lane waits for so long. Default: not at all. */
  readonly paceSeconds?: number
}

/** A message in the hands of whoever claimed it. */
export interface ClaimedMessage {
  readonly id: number
  readonly lane: string
  /** The first message of those that were claimed together: they are claimed together again. */
  readonly batch: number
  readonly body: JsonObject
  /** How often it was tried, this time included. */
  readonly attempts: number
  readonly ageSeconds: number
}

/** What became of claimed messages. */
export interface Settlement {
  readonly delivered: readonly number[]
  /** Whether what was delivered can be looked at later, or goes. */
  readonly keep: boolean
  readonly dead: readonly { readonly id: number; readonly problem: string }[]
  readonly later: { readonly ids: readonly number[]; readonly problem: string; readonly seconds: number } | null
  /** Not tried: they are anybody's again. */
  readonly released: readonly number[]
  /** After so many failures in a row the whole channel rests, longer each time; null: only lanes do. */
  readonly pause: { readonly after: number; readonly longestSeconds: number } | null
}

/**
 * Messages to others, at least once each: derived from the event log by a cursor that moves with what it found, or
 * written by hand; sent by lanes; kept when they are given up.
 */
export interface OutboxStore {
  /** Where the log was read to; the first time that is asked, its end: what happened before is not told. */
  cursor(scope: Scope, channel: OutboxChannel): Promise<number>
  /** Keeps messages and moves the cursor. False if another has moved it in the meantime: then nothing happens. */
  advance(
    scope: Scope,
    channel: OutboxChannel,
    found: { readonly from: number; readonly to: number; readonly messages: readonly NewOutboxMessage[] },
  ): Promise<boolean>
  enqueue(scope: Scope, channel: OutboxChannel, messages: readonly NewOutboxMessage[]): Promise<void>
  /**
   * The first messages of a lane whose turn it is; nobody else gets any of the lane for so many seconds. Empty if there
   * is none.
   */
  claim(
    scope: Scope,
    channel: OutboxChannel,
    claim: { readonly seconds: number; readonly limit: number },
  ): Promise<ClaimedMessage[]>
  settle(scope: Scope, channel: OutboxChannel, settlement: Settlement): Promise<void>
  health(scope: Scope, channel: OutboxChannel): Promise<OutboxHealth>
  /** Latest first. */
  list(
    scope: Scope,
    channel: OutboxChannel,
    page: { readonly limit: number; readonly state?: OutboxState },
  ): Promise<OutboxEntry[]>
  /** Dead messages wait again, as if they were new: these, or all. Answers how many. */
  retry(scope: Scope, channel: OutboxChannel, ids: readonly string[] | null): Promise<number>
}
