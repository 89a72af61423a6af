import { kindOf, predicateRefs, type StepInput, type StepOutcome } from '../../orchestrator/contract/index.ts'
import { audienceColumns, dialectSql, stageAudience } from '../../orchestrator/sql/index.ts'
import { buildTable } from './build-table.ts'
import type { MaterializeDeps } from './deps.ts'
import { keyProfile, populationOf, readsOf, traitTable } from './entity.ts'
import { materializeAsset } from './materialize-asset.ts'

/** Finds who satisfies the predicate. */
export function materializeAudience(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return materializeAsset(deps, input, 'audience', async (job) => {
    const { warehouse } = deps
    const { spec, manifest } = job
    const entity = manifest.entity(spec.entity)
    const { key } = entity
    const refs = predicateRefs(spec.where)
    const ofKind = (kind: 'trait' | 'audience') => refs.filter((ref) => kindOf(ref) === kind)
    const population = populationOf(manifest, spec.key, entity, refs)
    return buildTable(warehouse, job, {
      columns: audienceColumns(key),
      stage: stageAudience(dialectSql(warehouse.dialect), {
        relation: spec.relation,
        key,
        population,
        where: spec.where,
        traits: new Map(ofKind('trait').map((ref) => [ref, traitTable(manifest, ref)])),
        audiences: new Map(ofKind('audience').map((ref) => [ref, manifest.relation(ref)])),
      }),
      reads: readsOf(manifest, entity, refs),
      profile: [keyProfile(entity)],
    })
  })
}
