import type { Client } from '@temporalio/client'
import {
  createAutomationActivities,
  createTriggerActivities,
  type LoadTrigger,
} from '../../activities/automation/index.ts'
import type { Manifests, Resources } from '../../activities/runtime/index.ts'
import { warehouseQueue, type AutomationActivities, type Scope, type TriggerActivities } from '../contract/index.ts'
import { createLauncher, newRunId } from '../launch/index.ts'
import type { Store } from '../store/index.ts'
import { announceRevision } from './automation.ts'
import { defaultConcurrency } from './defaults.ts'

/** A worker's part in what projects do by themselves. */
export function automationActivities(input: {
  readonly store: Store
  readonly client: Client
  readonly manifests: Manifests
  /** Its id. */
  readonly warehouse: string
}): AutomationActivities {
  const { store, client, manifests, warehouse } = input
  const launcher = createLauncher({ client, store })
  return createAutomationActivities({
    store,
    manifests,
    newRunId,
    startRun: async ({ origin, ...run }) => {
      const how = {
        concurrency: defaultConcurrency,
        warehouseQueue: warehouseQueue(warehouse, run.scope),
        patient: true,
      }
      await launcher.startRun({ ...run, ...how, tags: { trigger: origin } })
    },
    cancelRun: (scope, run) => launcher.cancelRun(scope, run),
  })
}

/** Whatever was deployed or recorded while nobody worked. */
export async function announceLatest(store: Store, client: Client, scopes: readonly Scope[]): Promise<void> {
  for (const scope of scopes) {
    const latest = await store.revisions.latest(scope)
    if (latest !== null) await announceRevision(client, { scope, manifest: latest.manifest })
  }
}

/** The part that runs code of the user. */
export function triggerActivities(input: {
  readonly store: Store
  readonly manifests: Manifests
  readonly loadTrigger: LoadTrigger
  readonly resources: Resources
}): TriggerActivities {
  return createTriggerActivities({ ...input, newRunId })
}
