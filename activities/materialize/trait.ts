import type { StepInput, StepOutcome } from '../../orchestrator/contract/index.ts'
import { fillStaging, validateTrait, withReads } from '../../orchestrator/sql/index.ts'
import { buildTable } from './build-table.ts'
import type { MaterializeDeps } from './deps.ts'
import { materializeAsset } from './materialize-asset.ts'
import { wholeReads } from './partitions/whole-reads.ts'
import { openTrait } from './open-trait.ts'

/** Computes a trait's values, holds them against its declaration, and puts them in place. */
export function materializeTrait(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return materializeAsset(deps, input, 'trait', async (job) => {
    const { warehouse } = deps
    const { spec, signal } = job
    const { dialect, key, columns, reads, profile, rows, problemIn } = await openTrait(warehouse, job)
    const { named, relationOf } = await wholeReads(deps, job)
    return buildTable(warehouse, job, {
      ...{ columns, reads, profile },
      stage: fillStaging(dialect, spec.relation, columns, withReads(named, rows(relationOf))),
      check: async () => {
        const [row] = await warehouse.query(validateTrait(dialect, spec, key), { signal })
        const problem = problemIn(row)
        if (problem !== null) throw problem
      },
    })
  })
}
