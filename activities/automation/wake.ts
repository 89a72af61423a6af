import { isAutomated, type Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { Manifests } from '../runtime/index.ts'

export interface WakeDeps {
  readonly store: Pick<Store, 'revisions'>
  readonly manifests: Manifests
  readonly wake?: (scope: Scope) => Promise<void>
}

/** Has a project's conditions looked at, if its latest revision has any: what was recorded may be of an older one. */
export async function wakeIfAutomated({ store, manifests, wake }: WakeDeps, scope: Scope): Promise<void> {
  if (wake === undefined) return
  const [latest] = await store.revisions.list(scope, { limit: 1 })
  if (latest !== undefined && isAutomated(await manifests(scope, latest.number))) await wake(scope)
}
