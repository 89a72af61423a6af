import { isTraitlineError, type Scope } from '../../orchestrator/contract/index.ts'
import { toFailure } from '../runtime/index.ts'
import type { AutomationDeps } from './deps.ts'

/** Started in one go; more come with the next. */
const most = 50

/**
 * Starts the runs that were asked for and not started: by this process a moment ago, or by one that was killed in
 * between. One that can never be started says so, once; for any other reason it is tried again.
 */
export async function startRequests(deps: AutomationDeps, scope: Scope): Promise<void> {
  for (const request of await deps.store.requests.open(scope, most)) {
    const { run, origin, revision, selection, targets, force } = request
    try {
      const manifest = await deps.manifests(scope, revision)
      await deps.startRun({ scope, run, origin, revision, manifest, selection, targets, force })
      await deps.store.requests.settle(run, null)
    } catch (error) {
      if (!isTraitlineError(error) || error.blame === 'system') throw error
      await deps.store.requests.settle(run, toFailure(error))
    }
  }
}
