import { between, like, object, optional, positive, shape, type Shapes } from './shape.ts'

/** More rejected rows of a run than either of these. */
export interface SyncRejectLimit {
  readonly rows?: number
  /** Of the rows that were sent, from 0 to 1. */
  readonly share?: number
}

/**
 * What becomes of rows that a destination rejects. Whatever is said here, all others are delivered.
 *
 * ```ts
 * sync('at_risk_to_crm', {
 *   ...
 *   rejects: { failAt: { share: 0.05 }, pauseAt: { rows: 10_000 }, retryAfterMinutes: 30 },
 * })
 * ```
 */
export interface SyncRejectOptions {
  /** Beyond it the run fails. Default: never. */
  readonly failAt?: SyncRejectLimit
  /** Beyond it the sync is paused until `traitline sync unpause`. Default: never. */
  readonly pauseAt?: SyncRejectLimit
  /**
   * A rejected row is tried again in the next run; from then on it waits so long, and twice as long after each time
   * more. Default 10. A row that changes is tried at once.
   */
  readonly retryAfterMinutes?: number
  /** The longest that a row waits. Default a day. */
  readonly retryAtMostMinutes?: number
}

/** `guard: { removals: 0.25 }` stops a run that would remove more than a quarter of what was delivered. */
export interface SyncGuardOptions {
  /** The share of the delivered rows that a run may remove, from 0 to 1. */
  readonly removals: number
  /** So few rows may always go, as long as the source is not empty. Default 0. */
  readonly rows?: number
}

const atLeast0 = shape('a number from 0', (value) => Number.isFinite(value) && (value as number) >= 0)

const limit = object({ rows: optional(atLeast0), share: optional(between(0, 1)) } satisfies Shapes<SyncRejectLimit>)

export const rejectsShape = like(
  object({
    failAt: optional(like(limit, 'failAt: { share: 0.05 }')),
    pauseAt: optional(like(limit, 'pauseAt: { rows: 1_000 }')),
    retryAfterMinutes: optional(positive),
    retryAtMostMinutes: optional(positive),
  } satisfies Shapes<SyncRejectOptions>),
  'rejects: { failAt: { share: 0.05 } }',
)

export const guardShape = like(
  object({ removals: between(0, 1), rows: optional(atLeast0) } satisfies Shapes<SyncGuardOptions>),
  'guard: { removals: 0.25 }',
)
