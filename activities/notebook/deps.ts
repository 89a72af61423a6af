import type { Store } from '../../orchestrator/store/store.ts'
import type { MaterializeDeps } from '../materialize/deps.ts'

export interface NotebookDeps extends MaterializeDeps {
  readonly store: Pick<Store, 'partitions' | 'assets' | 'checks' | 'logs' | 'runs'>
  /** The Python whose packages run notebooks: `bin/python` of the locked environment. */
  readonly pythonExecutable: string
  /** What a notebook finds in its environment. */
  readonly environment: Readonly<Record<string, string | undefined>>
}
