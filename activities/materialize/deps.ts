import type { Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { Manifests } from '../runtime/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

export interface MaterializeDeps {
  readonly warehouse: Warehouse
  readonly store: Pick<Store, 'assets'>
  readonly manifests: Manifests
  /** Folder of the user's project: what the paths in its manifest are relative to. */
  readonly projectDir: (scope: Scope) => string
  /** TRAITLINE_HOME: what `home:` in a path stands for. */
  readonly home: string
  readonly clock: () => Date
}
