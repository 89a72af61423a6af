import type { WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { asActivities } from '../runtime/index.ts'
import { buildDbtModels } from './build-dbt-models.ts'
import type { DbtDeps } from './deps.ts'

export type { DbtDeps } from './deps.ts'

export function createDbtActivities(deps: DbtDeps): Pick<WarehouseActivities, 'buildDbtModels'> {
  return asActivities<Pick<WarehouseActivities, 'buildDbtModels'>>({
    buildDbtModels: (input) => buildDbtModels(deps, input),
  })
}
