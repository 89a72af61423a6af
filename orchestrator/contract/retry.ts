/** How often an asset is tried, and how long the next attempt waits. */
export interface RetryPolicy {
  /** The first one included: 1 never tries again. */
  readonly attempts: number
  /** Seconds before the second attempt. */
  readonly delaySeconds: number
  /** By how much each wait is longer than the one before. */
  readonly backoff: number
  /** Lengthens or shortens each wait by up to this share of it, 0 to 1. */
  readonly jitter: number
  /**
   * `system`: what a person does not have to mend, such as a lost connection. `any`: whatever fails, a model or a
   * notebook too; only what is final is not tried again.
   */
  readonly on: 'system' | 'any'
}

/** The wait before the attempt after `attempt`, in milliseconds. `random` is from 0 to 1. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const wait = policy.delaySeconds * 1_000 * policy.backoff ** (attempt - 1)
  return Math.round(Math.min(wait, longestDelayMs) * (1 + policy.jitter * (2 * random - 1)))
}

/** However long the delays grow, a day is the longest. */
export const longestDelayMs = 24 * 3_600_000
