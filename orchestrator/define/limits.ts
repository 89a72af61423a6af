import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { like, listOf, object, optional, recordOf, someText, text, whole, type Shapes } from './shape.ts'

/** Slots by pool: how many steps may have one at once. */
export type PoolOptions = Readonly<Record<string, ByEnvironment<number>>>

/** How many runs of the project may be under way; the others are queued. */
export interface RunQueueOptions {
  /** Of all of them. */
  readonly limit?: ByEnvironment<number>
  /** Of those with a tag, of one value or of each value by itself. */
  readonly tags?: readonly TagLimit[]
}

export interface TagLimit {
  readonly key: string
  /** Left out, the limit is of each value by itself. */
  readonly value?: string
  readonly limit: ByEnvironment<number>
}

/** 0 lets nobody in. */
export const slots = byEnvironment(whole(0, 100_000))

export const pools = like(recordOf('numbers of slots', slots), 'pools: { ads_api: 2 }')

const tagLimit = object({
  key: like(someText, "key: 'team'"),
  value: optional(text),
  limit: like(slots, 'limit: 2'),
} satisfies Shapes<TagLimit>)

export const runQueue = object({
  limit: optional(slots),
  tags: optional(listOf('limits', tagLimit)),
} satisfies Shapes<RunQueueOptions>)
