import type { StepInput, StepOutcome } from '../../../orchestrator/contract/index.ts'
import { partitionColumn, validateTrait, withReads } from '../../../orchestrator/sql/index.ts'
import type { MaterializeDeps } from '../deps.ts'
import { openTrait } from '../open-trait.ts'
import { buildPartitions } from './build.ts'
import { makePartitions } from './make.ts'
import { partReads, valuesOf } from './reads.ts'

/** Computes partitions of a trait, holds each against its declaration, and puts it in place. */
export function makeTraitPartitions(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return makePartitions(deps, input, 'trait', async (job) => {
    const { warehouse } = deps
    const { spec, manifest, signal } = job
    const { dialect, key, columns, reads, profile, rows, problemIn } = await openTrait(warehouse, job)
    return buildPartitions(warehouse, job, {
      ...{ columns, reads, profile },
      rowsOf: (part) => {
        const { named, relationOf } = partReads(dialect, manifest, part.reads, job.partitionings)
        return withReads(named, rows(relationOf, valuesOf(dialect, part.view)))
      },
      check: async (staging) => {
        const by = { staging, by: partitionColumn }
        const found = await warehouse.query(validateTrait(dialect, spec, key, by), { signal })
        const problems = found.map((row) => [String(row['partition']), problemIn(row)] as const)
        return new Map(problems.filter(([, problem]) => problem !== null))
      },
    })
  })
}
