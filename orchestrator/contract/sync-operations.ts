import type { AssetKey } from './asset-key.ts'

/** How many rejected rows of a sync run are too many: more than either of these is. */
export interface RejectLimit {
  readonly rows?: number
  /** Of the rows that were sent, from 0 to 1. */
  readonly share?: number
}

/** What becomes of rows that a destination rejects. */
export interface RejectPolicy {
  /** Beyond it the run fails; what was accepted is kept as delivered. */
  readonly failAt?: RejectLimit
  /** Beyond it the sync is paused, until somebody lets it go on. */
  readonly pauseAt?: RejectLimit
  /** A row that was rejected twice waits so long, and twice as long after each time more. */
  readonly retryAfterMinutes?: number
  /** The longest that a row waits. */
  readonly retryAtMostMinutes?: number
}

export const usualRetry = { afterMinutes: 10, atMostMinutes: 24 * 60 } as const

/** Removals that a run may make without being asked: more than that share of what was delivered, it stops. */
export interface RemovalGuard {
  /** From 0 to 1. */
  readonly share: number
  /** So few rows are always allowed to go, as long as the source is not empty. */
  readonly rows: number
}

/** What a run of one sync does otherwise than usual. */
export interface SyncRunOptions {
  /** No more rows than that. */
  readonly limit?: number
  /** Only rows that the destination rejected, whether or not their time has come. */
  readonly failed?: boolean
  /** Of those, only with this code. */
  readonly code?: string
  /** Only one row, whose key is in the record under this id, sealed for the worker. */
  readonly sealedRow?: string
  /** Removals beyond the guard, and of all rows of an empty source, are right this once. */
  readonly allowRemovals?: boolean
}

/** Whether a run sends only some of the rows that differ. */
export function sendsSome({ limit, failed, sealedRow }: SyncRunOptions): boolean {
  return limit !== undefined || failed === true || sealedRow !== undefined
}

/** A sync that planned runs leave out. */
export interface PausedSync {
  readonly sync: AssetKey
  readonly since: string
  /** `user`, or `rejects` if too many rows were rejected. */
  readonly by: 'user' | 'rejects'
  readonly reason: string | null
}

/** What talking to a destination has cost, as its program counts. */
export interface SyncTraffic {
  readonly requests: number
  /** Requests that were refused for their rate. */
  readonly throttled: number
  /** Requests that were made again. */
  readonly retried: number
  /** Of request bodies. */
  readonly bytes: number
}

export const noTraffic: SyncTraffic = { requests: 0, throttled: 0, retried: 0, bytes: 0 }
