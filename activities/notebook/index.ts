import type { StepInput, WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { asActivities, configuredManifest } from '../runtime/index.ts'
import type { NotebookDeps } from './deps.ts'
import { makesPartitions } from '../materialize/partitions/make.ts'
import { runNotebookPartitions } from './partitions.ts'
import { runNotebook } from './run-notebook.ts'

export type { NotebookDeps } from './deps.ts'

export function createNotebookActivities(deps: NotebookDeps): Pick<WarehouseActivities, 'runNotebook'> {
  return asActivities<Pick<WarehouseActivities, 'runNotebook'>>({
    runNotebook: (input) =>
      (makesPartitions(input) ? runNotebookPartitions : runNotebook)(configuredFor(deps, input), input),
  })
}

/** With the parameters that the run gives its notebooks. */
function configuredFor(deps: NotebookDeps, { run }: StepInput): NotebookDeps {
  return {
    ...deps,
    manifests: async (scope, revision) => {
      const [manifest, row] = await Promise.all([deps.manifests(scope, revision), deps.store.runs.get(run)])
      return configuredManifest(manifest, row?.config ?? null)
    },
  }
}
