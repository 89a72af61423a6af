import {
  type AssetOutcome,
  type PausedSync,
  type RejectLimit,
  type Scope,
  type SyncSpec,
  TraitlineError,
} from '../../../orchestrator/contract/index.ts'
import type { Store, SyncRunRow } from '../../../orchestrator/store/store.ts'

/** Whether that many of the rows that were sent are more than a limit allows; without a limit they never are. */
export function tooManyRejected(rejected: number, sent: number, limit: RejectLimit | undefined): boolean {
  if (limit === undefined) return false
  const { rows, share } = limit
  return (rows !== undefined && rejected > rows) || (share !== undefined && rejected > share * sent)
}

/**
 * Holds the rejected rows of a sync run, which is settled, against what the sync allows: pauses the sync, or fails the
 * run. What was accepted stays delivered. Throws SYNC_REJECTS.
 */
export async function judgeRejects(
  { store }: { readonly store: { readonly syncs: Pick<Store['syncs'], 'pause'> } },
  scope: Scope,
  { key, rejects = {} }: SyncSpec,
  { rejected, sent, run, resumedBy }: SyncRunRow,
): Promise<void> {
  const said = `${rejected} of ${sent} rows were rejected`
  if (tooManyRejected(rejected, sent, rejects.pauseAt)) {
    await store.syncs.pause(scope, key, { by: 'rejects', reason: said, run: resumedBy ?? run })
  }
  if (!tooManyRejected(rejected, sent, rejects.failAt)) return
  throw new TraitlineError({
    code: 'SYNC_REJECTS',
    message: `${key}: ${said}, more than it allows; those that were accepted are delivered`,
    hint: `See why: traitline sync rejects ${key}. They are tried again later, or at once: traitline sync retry ${key}`,
    blame: 'user',
    final: true,
  })
}

/** Of a sync that was paused after the run was planned. */
export function pausedOutcome({ sync, by, reason }: PausedSync): AssetOutcome {
  const why = reason ?? (by === 'user' ? 'by hand' : 'for rejected rows')
  return { asset: sync, status: 'upstream_failed', upstream: sync, reason: `it is paused (${why})` }
}
