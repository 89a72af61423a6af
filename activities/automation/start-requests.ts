import { isTraitlineError, type Scope } from '../../orchestrator/contract/index.ts'
import type { RunRequestRow } from '../../orchestrator/store/store.ts'
import { toFailure } from '../runtime/index.ts'
import type { AutomationDeps } from './deps.ts'

/** Read at once. */
const batch = 50

/**
 * Starts the runs that were asked for and not started: by this process a moment ago, or by one that was killed in
 * between. One that can never be started says so, once; for any other reason it is tried again, and holds none up.
 */
export async function startRequests(deps: AutomationDeps, scope: Scope): Promise<void> {
  const refused: unknown[] = []
  let after: string | null = null
  for (let full = true; full;) {
    const open: readonly RunRequestRow[] = await deps.store.requests.open(scope, batch, after)
    const before = refused.length
    for (const request of open) await startOne(deps, scope, request).catch((error: unknown) => refused.push(error))
    after = open.at(-1)?.run ?? null
    // Where none of so many can be started, what starts them is away: the next attempt finds it, or not.
    full = open.length === batch && refused.length - before < batch
  }
  if (refused.length > 0) throw refused[0]
}

async function startOne(deps: AutomationDeps, scope: Scope, request: RunRequestRow): Promise<void> {
  const { run, origin, revision, selection, targets, partitions = null, force } = request
  try {
    const manifest = await deps.manifests(scope, revision)
    await deps.startRun({ scope, run, origin, revision, manifest, selection, targets, partitions, force })
    await deps.store.requests.settle(run, null)
  } catch (error) {
    if (!isTraitlineError(error) || error.blame === 'system') throw error
    await deps.store.requests.settle(run, toFailure(error))
  }
}
