import type { WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { asActivities } from '../runtime/index.ts'
import { makesPartitions } from '../materialize/partitions/make.ts'
import { buildDbtModels } from './build-dbt-models.ts'
import { buildDbtPartitions } from './build-partitions.ts'
import type { DbtDeps } from './deps.ts'

export type { DbtDeps } from './deps.ts'

export function createDbtActivities(deps: DbtDeps): Pick<WarehouseActivities, 'buildDbtModels'> {
  return asActivities<Pick<WarehouseActivities, 'buildDbtModels'>>({
    buildDbtModels: (input) => (makesPartitions(input) ? buildDbtPartitions : buildDbtModels)(deps, input),
  })
}
