import type { StepInput, StepOutcome } from '../../orchestrator/contract/index.ts'
import {
  dialectSql,
  fillStaging,
  readTraitProblems,
  traitColumns,
  traitRows,
  validateTrait,
  withReads,
} from '../../orchestrator/sql/index.ts'
import { buildTable } from './build-table.ts'
import type { Read } from './columns.ts'
import type { MaterializeDeps } from './deps.ts'
import { keyProfile, traitProfile } from './entity.ts'
import { materializeAsset } from './materialize-asset.ts'
import { wholeReads } from './partitions/whole-reads.ts'
import { checkColumn, readsOfOrigin, traitInvalid } from './trait-checks.ts'

/** Computes a trait's values, holds them against its declaration, and puts them in place. */
export function materializeTrait(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return materializeAsset(deps, input, 'trait', async (job) => {
    const { warehouse } = deps
    const { spec, manifest, signal } = job
    const entity = manifest.entity(spec.entity)
    const { key } = entity
    const dialect = dialectSql(warehouse.dialect)
    const reads = readsOfOrigin(job, key.column)
    if (spec.origin.type === 'column') await checkColumn(warehouse, job, spec.origin.column, reads[0] as Read)
    const { named, relationOf } = await wholeReads(deps, job)
    const rows = withReads(named, traitRows(dialect, spec, key, relationOf))
    return buildTable(warehouse, job, {
      columns: traitColumns(spec, key),
      stage: fillStaging(dialect, spec.relation, traitColumns(spec, key), rows),
      reads,
      check: async () => {
        const [row] = await warehouse.query(validateTrait(dialect, spec, key), { signal })
        const problems = readTraitProblems(row ?? {}, spec, key)
        if (problems.length > 0) throw traitInvalid(spec, Number(row?.['rows']), problems)
      },
      profile: [keyProfile(entity), traitProfile(manifest, spec.key)],
    })
  })
}
