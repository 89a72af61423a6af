import { kindOf, predicateRefs, type StepInput, type StepOutcome } from '../../../orchestrator/contract/index.ts'
import { audienceColumns, audienceRows, dialectSql, withReads } from '../../../orchestrator/sql/index.ts'
import type { MaterializeDeps } from '../deps.ts'
import { keyProfile, populationOf, readsOf, traitTable } from '../entity.ts'
import { buildPartitions } from './build.ts'
import { makePartitions } from './make.ts'
import { partReads } from './reads.ts'

/** Finds who satisfied the predicate, partition by partition. */
export function makeAudiencePartitions(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return makePartitions(deps, input, 'audience', (job) => {
    const { spec, manifest } = job
    const entity = manifest.entity(spec.entity)
    const dialect = dialectSql(deps.warehouse.dialect)
    const refs = predicateRefs(spec.where)
    return buildPartitions(deps.warehouse, job, {
      columns: audienceColumns(entity.key),
      rowsOf: (part) => {
        const { named, relationOf } = partReads(dialect, manifest, part.reads, job.partitionings)
        const ofKind = (kind: 'trait' | 'audience') => refs.filter((ref) => kindOf(ref) === kind)
        const rows = audienceRows(dialect, {
          key: entity.key,
          population: populationOf({ ...manifest, relation: relationOf }, spec.key, entity, refs),
          where: spec.where,
          traits: new Map(
            ofKind('trait').map((ref) => [ref, { ...traitTable(manifest, ref), relation: relationOf(ref) }]),
          ),
          audiences: new Map(ofKind('audience').map((ref) => [ref, relationOf(ref)])),
        })
        return withReads(named, rows)
      },
      reads: readsOf(manifest, entity, refs),
      profile: [keyProfile(entity)],
    })
  })
}
