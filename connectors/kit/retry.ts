import { setTimeout as sleep } from 'node:timers/promises'

/** Thrown by a call that is known to have had no effect, so that it may be made again. */
export class RetryLater extends Error {
  /** What the vendor asked for (Retry-After), in milliseconds. */
  readonly afterMs: number | null

  constructor(message: string, afterMs: number | null = null, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RetryLater'
    this.afterMs = afterMs
  }
}

export interface RetryOptions {
  readonly attempts?: number
  readonly baseMs?: number
  readonly maxMs?: number
  readonly signal?: AbortSignal
  readonly onRetry?: (wait: { readonly ms: number; readonly attempt: number; readonly reason: string }) => void
}

/**
 * Makes a call again when it throws RetryLater: after the time that the vendor named, else after a random part of a
 * doubling span (full jitter). The last RetryLater is thrown when attempts run out; other errors pass at once.
 */
export async function retry<T>(call: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 8, baseMs = 250, maxMs = 30_000, signal, onRetry } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof RetryLater) || attempt >= attempts) throw error
      const ms = error.afterMs ?? Math.random() * Math.min(maxMs, baseMs * 2 ** attempt)
      onRetry?.({ ms, attempt, reason: error.message })
      await sleep(ms, undefined, signal === undefined ? {} : { signal })
    }
  }
}
