import type { WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { asActivities } from '../runtime/index.ts'
import { materializeAudience } from './audience.ts'
import type { MaterializeDeps } from './deps.ts'
import { observeSource } from './source.ts'
import { materializeTrait } from './trait.ts'
import { materializeUserModel } from './user-model.ts'

export type { MaterializeDeps } from './deps.ts'

/** The activities that make tables with SQL alone. */
export function createMaterializeActivities(
  deps: MaterializeDeps,
): Pick<WarehouseActivities, 'observeSource' | 'materializeTrait' | 'materializeUserModel' | 'materializeAudience'> {
  return asActivities({
    observeSource: (input) => observeSource(deps, input),
    materializeTrait: (input) => materializeTrait(deps, input),
    materializeUserModel: (input) => materializeUserModel(deps, input),
    materializeAudience: (input) => materializeAudience(deps, input),
  })
}
