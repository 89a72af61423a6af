import type { StepInput, StepOutcome } from '../../../orchestrator/contract/index.ts'
import { dialectSql } from '../../../orchestrator/sql/index.ts'
import { fingerprintRows } from '../../profile/profile.ts'
import { requireColumns } from '../columns.ts'
import type { MaterializeDeps } from '../deps.ts'
import { makePartitions, type PartResult } from './make.ts'
import { rowsByColumns } from './reads.ts'

/** Looks at partitions of a source: each is fresh if its rows are what they were. */
export function observeSourcePartitions(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return makePartitions(deps, input, 'source', async ({ spec, parts, signal }) => {
    const { warehouse } = deps
    const declared = { from: spec.key, relation: spec.relation, columns: spec.columns.map(({ name }) => name) }
    const there = await requireColumns(warehouse, spec.key, declared, { signal })
    const columns = there.slice(0, spec.columns.length)
    const results: PartResult[] = []
    for (const { partition, view, reasons, previous } of parts) {
      const rows = rowsByColumns(dialectSql(warehouse.dialect), spec, view)
      const seen = await fingerprintRows(warehouse, rows, columns, { signal })
      const same = reasons.every(({ type }) => type === 'observe') && previous.latest?.dataVersion === seen.dataVersion
      results.push(same ? { partition, fresh: true } : { partition, ...seen })
    }
    return results
  })
}
