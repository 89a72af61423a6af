import type { JsonObject } from './json.ts'

/** What is told to others: each channel has messages that wait, and its own place in the event log. */
export const outboxChannels = ['alerts', 'openlineage'] as const

export type OutboxChannel = (typeof outboxChannels)[number]

export const outboxStates = ['waiting', 'delivered', 'dead'] as const

export type OutboxState = (typeof outboxStates)[number]

/** What became of a message. Problems hold no address, no secret and nothing of the message. */
export type Delivery =
  | { readonly type: 'delivered' }
  /** `seconds`: when the receiver wants it again. */
  | { readonly type: 'later'; readonly problem: string; readonly seconds?: number }
  | { readonly type: 'never'; readonly problem: string }

/** How a channel of a project stands: what a person looks at when nothing arrives. */
export interface OutboxHealth {
  readonly channel: OutboxChannel
  readonly waiting: number
  /** Given up, or never to be taken: they stay for a while, and can be sent again. */
  readonly dead: number
  /** Since when the first of those that wait does. */
  readonly oldestWaitingAt: string | null
  readonly dueInMs: number | null
  /** Attempts that failed since the last that did not. */
  readonly failures: number
  /** Until then nothing is tried: the receiver is away. */
  readonly pausedUntil: string | null
  /** The last failure, and when it was. */
  readonly problem: string | null
  readonly problemAt: string | null
  readonly deliveredAt: string | null
  /** Events of the log that were not looked at yet; 10,001 for more. Null if nobody ever looked. */
  readonly unread: number | null
}

/** A message as it waits. */
export interface OutboxEntry {
  readonly id: string
  readonly channel: OutboxChannel
  /** Messages of a lane are sent one after another. */
  readonly lane: string
  /** Of equal keys there is one message. */
  readonly key: string
  readonly body: JsonObject
  readonly state: OutboxState
  readonly attempts: number
  readonly createdAt: string
  readonly endedAt: string | null
  /** Why the last attempt failed. */
  readonly problem: string | null
}
