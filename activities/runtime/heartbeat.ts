import { Context } from '@temporalio/activity'

/**
 * Runs `work` while heartbeating, so that a lost worker is noticed and a cancellation reaches `signal` soon.
 *
 *     await withHeartbeat((signal) => warehouse.query(statement, { signal }))
 */
export async function withHeartbeat<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: { readonly everyMs?: number; readonly details?: () => unknown } = {},
): Promise<T> {
  const context = Context.current()
  // Temporal neither takes nor misses the heartbeats of a local activity.
  if (context.info.isLocal) return work(context.cancellationSignal)
  const beat = (): void => context.heartbeat(options.details?.())
  beat()
  const timer = setInterval(beat, options.everyMs ?? 1_000)
  try {
    return await work(context.cancellationSignal)
  } finally {
    clearInterval(timer)
  }
}
