import { setTimeout as sleep } from 'node:timers/promises'
import type { RateLimit } from '../protocol/index.ts'

/**
 * Keeps a destination within its vendor's rate. The kit's own is for one process; several that share a rate need one
 * that they share.
 */
export interface Limiter {
  /** Resolves when so many calls may be made. Rejects when the signal is aborted. */
  take(calls?: number, signal?: AbortSignal): Promise<void>
  /** The vendor said to wait: nobody goes on before. */
  pause(ms: number): void
}

/** Hands out one limiter a name: whoever asks for the same name again keeps to the same rate. */
export type Limiters = (name: string, limit: RateLimit) => Limiter

/** Limiters of this process alone. */
export function localLimiters(): Limiters {
  const known = new Map<string, Limiter>()
  return (name, limit) => {
    const limiter = known.get(name) ?? tokenBucket(limit)
    known.set(name, limiter)
    return limiter
  }
}

/** Lets `perSecond` calls through on average, and up to `burst` at once. Waiters go in order. */
export function tokenBucket(options: RateLimit & { readonly now?: () => number }): Limiter {
  const { perSecond, burst = 1, now = () => performance.now() } = options
  const msPerCall = 1000 / perSecond
  /** When the bucket would be full again if nothing more were taken. */
  let fullAt = 0
  let pausedUntil = 0
  let queue: Promise<void> = Promise.resolve()

  const wait = async (calls: number, signal?: AbortSignal): Promise<void> => {
    for (;;) {
      signal?.throwIfAborted()
      const start = Math.max(now(), pausedUntil)
      const readyAt = Math.max(start, fullAt - (burst - calls) * msPerCall)
      const ms = readyAt - now()
      if (ms <= 0) {
        fullAt = Math.max(fullAt, now()) + calls * msPerCall
        return
      }
      await sleep(ms, undefined, signal === undefined ? {} : { signal })
    }
  }

  return {
    take(calls = 1, signal) {
      const turn = queue.then(() => wait(Math.min(calls, burst), signal))
      queue = turn.catch(() => undefined)
      return turn
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, now() + ms)
    },
  }
}
