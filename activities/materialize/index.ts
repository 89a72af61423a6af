import type { WarehouseActivities } from '../../orchestrator/contract/index.ts'
import { asActivities } from '../runtime/index.ts'
import { materializeAudience } from './audience.ts'
import type { MaterializeDeps } from './deps.ts'
import { makeAudiencePartitions } from './partitions/audience.ts'
import { makesPartitions } from './partitions/make.ts'
import { observeSourcePartitions } from './partitions/source.ts'
import { makeTraitPartitions } from './partitions/trait.ts'
import { makeUserModelPartitions } from './partitions/user-model.ts'
import { observeSource } from './source.ts'
import { materializeTrait } from './trait.ts'
import { materializeUserModel } from './user-model.ts'

export type { MaterializeDeps } from './deps.ts'

/** The activities that make tables with SQL alone. */
export function createMaterializeActivities(
  deps: MaterializeDeps,
): Pick<WarehouseActivities, 'observeSource' | 'materializeTrait' | 'materializeUserModel' | 'materializeAudience'> {
  return asActivities({
    observeSource: (input) => (makesPartitions(input) ? observeSourcePartitions : observeSource)(deps, input),
    materializeTrait: (input) => (makesPartitions(input) ? makeTraitPartitions : materializeTrait)(deps, input),
    materializeUserModel: (input) =>
      (makesPartitions(input) ? makeUserModelPartitions : materializeUserModel)(deps, input),
    materializeAudience: (input) =>
      (makesPartitions(input) ? makeAudiencePartitions : materializeAudience)(deps, input),
  })
}
