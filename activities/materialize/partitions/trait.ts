import type { StepInput, StepOutcome, TraitSpec } from '../../../orchestrator/contract/index.ts'
import {
  dialectSql,
  partitionColumn,
  readTraitProblems,
  traitColumns,
  traitRows,
  validateTrait,
  withReads,
} from '../../../orchestrator/sql/index.ts'
import type { MaterializeDeps } from '../deps.ts'
import { keyProfile, traitProfile } from '../entity.ts'
import { checkColumn, readsOfOrigin, traitInvalid } from '../trait-checks.ts'
import { buildPartitions } from './build.ts'
import { makePartitions, type PartitionJob } from './make.ts'
import { partReads, valuesOf } from './reads.ts'

/** Computes partitions of a trait, holds each against its declaration, and puts it in place. */
export function makeTraitPartitions(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return makePartitions(deps, input, 'trait', async (job) => {
    const { warehouse } = deps
    const { spec, manifest, signal } = job
    const entity = manifest.entity(spec.entity)
    const { key } = entity
    const dialect = dialectSql(warehouse.dialect)
    const reads = readsOfOrigin(job, key.column)
    if (spec.origin.type === 'column') await checkColumn(warehouse, job, spec.origin.column, reads[0]!)
    return buildPartitions(warehouse, job, {
      columns: traitColumns(spec, key),
      rowsOf: (part) => {
        const { named, relationOf } = partReads(dialect, manifest, part.reads, job.partitionings)
        return withReads(named, traitRows(dialect, spec, key, relationOf, valuesOf(dialect, part.view)))
      },
      reads,
      check: async (staging) => {
        const by = { staging, by: partitionColumn }
        const rows = await warehouse.query(validateTrait(dialect, spec, key, by), { signal })
        return new Map(rows.flatMap((row) => problemsOf(job, row, key)))
      },
      profile: [keyProfile(entity), traitProfile(manifest, spec.key)],
    })
  })
}

function problemsOf(
  { spec }: PartitionJob<TraitSpec>,
  row: Parameters<typeof readTraitProblems>[0],
  key: Parameters<typeof readTraitProblems>[2],
): (readonly [string, unknown])[] {
  const problems = readTraitProblems(row, spec, key)
  return problems.length === 0 ? [] : [[String(row['partition']), traitInvalid(spec, Number(row['rows']), problems)]]
}
