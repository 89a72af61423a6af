import type { ConnectorRef, Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { ConnectorCommand } from '../../connectors/driver/index.ts'
import type { CheckDeps } from '../checks/deps.ts'
import type { Manifests } from '../runtime/index.ts'

export interface SyncDeps extends CheckDeps {
  readonly store: Store
  readonly manifests: Manifests
  /** TRAITLINE_HOME: spools are under it. */
  readonly home: string
  /** Folder of the user's project: what a connector's relative command is relative to. */
  readonly projectDir: (scope: Scope) => string
  /** What an EnvRef of a destination's configuration stands for; undefined if it is not set. */
  readonly secrets: (name: string) => string | undefined
  /** Finds, or installs, a destination's program. */
  readonly resolveConnector: (
    ref: ConnectorRef,
    context: { readonly projectDir: string; readonly signal: AbortSignal },
  ) => Promise<ConnectorCommand>
  /** How long a destination may be silent before it is taken to hang; 5 minutes if not said. */
  readonly idleTimeoutMs?: number
}
