import type { Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { CheckDeps } from '../checks/deps.ts'
import type { Manifests } from '../runtime/index.ts'

export interface MaterializeDeps extends CheckDeps {
  readonly store: Pick<Store, 'assets' | 'partitions' | 'checks'>
  readonly manifests: Manifests
  /** Folder of the user's project: what the paths in its manifest are relative to. */
  readonly projectDir: (scope: Scope) => string
  /** TRAITLINE_HOME: what `home:` in a path stands for. */
  readonly home: string
}
