import type { StepInput, StepOutcome } from '../../orchestrator/contract/index.ts'
import { dialectSql, stageUserModel, userModelColumns } from '../../orchestrator/sql/index.ts'
import { buildTable } from './build-table.ts'
import type { MaterializeDeps } from './deps.ts'
import { keyProfile, populationOf, readsOf, traitProfile, traitTable } from './entity.ts'
import { materializeAsset } from './materialize-asset.ts'

/** Puts the traits of everyone side by side. */
export function materializeUserModel(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return materializeAsset(deps, input, 'user_model', async (job) => {
    const { warehouse } = deps
    const { spec, manifest } = job
    const entity = manifest.entity(spec.entity)
    const { key } = entity
    const { relation } = spec
    const traits = spec.traits.map((trait) => traitTable(manifest, trait))
    const population = populationOf(manifest, spec.key, entity, spec.traits)
    return buildTable(warehouse, job, {
      columns: userModelColumns(key, traits),
      stage: stageUserModel(dialectSql(warehouse.dialect), { relation, key, population, traits }),
      reads: readsOf(manifest, entity, spec.traits),
      profile: [keyProfile(entity), ...spec.traits.map((trait) => traitProfile(manifest, trait))],
    })
  })
}
