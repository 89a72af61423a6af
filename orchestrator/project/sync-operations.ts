import type { SyncSpec } from '../contract/index.ts'
import { usualRetry } from '../contract/index.ts'
import type { Sync } from '../define/sync.ts'
import type { Context } from './context.ts'

/** What a sync says of its runs. It decides nothing about what is sent, and is no part of its code version. */
export function operationsOf(sync: Sync, { report }: Context): Pick<SyncSpec, 'rejects' | 'guard' | 'log'> {
  const { rejects, guard, log } = sync
  for (const name of ['failAt', 'pauseAt'] as const) {
    const limit = rejects?.[name]
    if (limit !== undefined && limit.rows === undefined && limit.share === undefined) {
      report(sync, `rejects.${name} has no limit`, `Write rejects: { ${name}: { rows: 100 } }, or a share`)
    }
  }
  const { retryAfterMinutes = usualRetry.afterMinutes, retryAtMostMinutes = usualRetry.atMostMinutes } = rejects ?? {}
  if (retryAfterMinutes > retryAtMostMinutes) {
    const words = `rows wait ${retryAfterMinutes} minutes at first and at most ${retryAtMostMinutes}`
    report(sync, `rejects: ${words}`, 'Make retryAtMostMinutes the longer one')
  }
  return {
    ...(rejects !== null && { rejects }),
    ...(guard !== null && { guard: { share: guard.removals, rows: guard.rows ?? 0 } }),
    ...(log && { log }),
  }
}
