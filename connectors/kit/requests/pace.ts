import { z } from 'zod'

/** How requests of a batch are paced, as members of a destination's configuration. */
export function paceConfig(of: {
  readonly requestsPerSecond: number
  /** What the vendor allows. */
  readonly allowed: string
  readonly timeoutSeconds: number
  /** What is done after a wait that was too long. */
  readonly afterTimeout: string
}) {
  return {
    requests_per_second: z.number().positive().default(of.requestsPerSecond).meta({
      title: 'Requests a second',
      description: of.allowed,
      order: 10,
    }),
    parallel_requests: z.int().min(1).max(64).default(4).meta({
      title: 'Requests at once',
      description: 'Of one batch.',
      order: 11,
    }),
    timeout_seconds: z.number().positive().default(of.timeoutSeconds).meta({
      title: 'Longest wait for an answer, in seconds',
      description: of.afterTimeout,
      order: 12,
    }),
  }
}
