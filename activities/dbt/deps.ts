import type { Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { CheckDeps } from '../checks/deps.ts'
import type { Manifests } from '../runtime/index.ts'

export interface DbtDeps extends CheckDeps {
  readonly store: Pick<Store, 'partitions' | 'assets' | 'checks' | 'events' | 'logs'>
  readonly manifests: Manifests
  /** Folder of the user's project: what the dbt project's path is relative to. */
  readonly projectDir: (scope: Scope) => string
  /** TRAITLINE_HOME: dbt's target folder, with its cache of parsed files, is kept under it. */
  readonly home: string
  readonly dbtExecutable: string
  /** What dbt finds in its environment, such as what the user's own `env_var()` asks for. */
  readonly environment: Readonly<Record<string, string | undefined>>
}
