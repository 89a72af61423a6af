import type { CodeRef, Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { Manifests, Resources } from '../runtime/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** Loads a function of the user's project, as it was deployed. */
export type UserCode = (scope: Scope, code: CodeRef) => Promise<(...input: never[]) => unknown>

export interface CheckDeps {
  readonly warehouse: Warehouse
  readonly store: Pick<Store, 'checks'>
  readonly userCode: UserCode
  /** Without it, code of the project has no resources. */
  readonly resources?: Resources
  readonly clock: () => Date
}

export interface CheckRunDeps extends CheckDeps {
  readonly store: Pick<Store, 'checks' | 'partitions'>
  readonly manifests: Manifests
}
