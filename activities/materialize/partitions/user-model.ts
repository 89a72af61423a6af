import type { StepInput, StepOutcome } from '../../../orchestrator/contract/index.ts'
import { dialectSql, userModelColumns, userModelRows, withReads } from '../../../orchestrator/sql/index.ts'
import type { MaterializeDeps } from '../deps.ts'
import { keyProfile, populationOf, readsOf, traitProfile, traitTable } from '../entity.ts'
import { buildPartitions } from './build.ts'
import { makePartitions } from './make.ts'
import { partReads } from './reads.ts'

/** Puts the traits of everyone side by side, partition by partition. */
export function makeUserModelPartitions(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return makePartitions(deps, input, 'user_model', (job) => {
    const { spec, manifest } = job
    const entity = manifest.entity(spec.entity)
    const { key } = entity
    const dialect = dialectSql(deps.warehouse.dialect)
    const tables = spec.traits.map((trait) => traitTable(manifest, trait))
    return buildPartitions(deps.warehouse, job, {
      columns: userModelColumns(key, tables),
      rowsOf: (part) => {
        const { named, relationOf } = partReads(dialect, manifest, part.reads, job.partitionings)
        const traits = spec.traits.map((trait) => ({ ...traitTable(manifest, trait), relation: relationOf(trait) }))
        const population = populationOf({ ...manifest, relation: relationOf }, spec.key, entity, spec.traits)
        return withReads(named, userModelRows(dialect, { key, population, traits }))
      },
      reads: readsOf(manifest, entity, spec.traits),
      profile: [keyProfile(entity), ...spec.traits.map((trait) => traitProfile(manifest, trait))],
    })
  })
}
