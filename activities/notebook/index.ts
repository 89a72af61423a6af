import type { WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { asActivities } from '../runtime/index.ts'
import type { NotebookDeps } from './deps.ts'
import { makesPartitions } from '../materialize/partitions/make.ts'
import { runNotebookPartitions } from './partitions.ts'
import { runNotebook } from './run-notebook.ts'

export type { NotebookDeps } from './deps.ts'

export function createNotebookActivities(deps: NotebookDeps): Pick<WarehouseActivities, 'runNotebook'> {
  return asActivities<Pick<WarehouseActivities, 'runNotebook'>>({
    runNotebook: (input) => (makesPartitions(input) ? runNotebookPartitions : runNotebook)(deps, input),
  })
}
