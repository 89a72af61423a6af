import type { AssetKey, CodeRef, Manifest, Scope } from '../../orchestrator/contract/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import type { Manifests, Resources } from '../runtime/index.ts'

/** A run as it was asked for; the same one again starts nothing new. */
export interface RunToStart {
  readonly scope: Scope
  readonly run: string
  /** What asked for it: `automation`, `sensor/new_orders`. */
  readonly origin: string
  readonly revision: number
  readonly manifest: Manifest
  readonly selection: string
  readonly targets: readonly AssetKey[]
  readonly partitions: string | null
  readonly force: boolean
}

export interface AutomationDeps {
  readonly store: Pick<Store, 'automation' | 'requests' | 'revisions'>
  readonly manifests: Manifests
  readonly newRunId: () => string
  readonly startRun: (run: RunToStart) => Promise<void>
  readonly cancelRun: (scope: Scope, run: string) => Promise<void>
}

/** Loads the function of a sensor or a webhook from the project's files. */
export type LoadTrigger = (
  scope: Scope,
  kind: 'sensor' | 'webhook',
  code: CodeRef,
) => Promise<(...input: never[]) => unknown>

export interface TriggerDeps {
  readonly store: Pick<Store, 'triggers' | 'requests' | 'revisions'>
  readonly manifests: Manifests
  readonly newRunId: () => string
  readonly loadTrigger: LoadTrigger
  /** Without it, sensors have no resources. */
  readonly resources?: Resources
}
