import type { JsonObject, PartitionView, StepInput, StepOutcome } from '../../orchestrator/contract/index.ts'
import { makePartitions, type PartResult } from '../materialize/partitions/make.ts'
import { isWrittenByOthers, rowsByColumns } from '../materialize/partitions/reads.ts'
import { dialectSql } from '../../orchestrator/sql/index.ts'
import { fingerprintRows, observeRelation } from '../profile/profile.ts'
import { toFailure } from '../runtime/index.ts'
import { invoke } from './build-dbt-models.ts'
import type { DbtDeps } from './deps.ts'
import { fatesOf } from './fates.ts'
import { dbtSelection } from './selection.ts'

/**
 * Runs dbt for one partition of a model, which knows by its variables which. Its version is that of its rows, where a
 * column tells which those are, else that of the whole table, once it was built.
 */
export function buildDbtPartitions(deps: DbtDeps, input: StepInput): Promise<StepOutcome> {
  return makePartitions(deps, input, 'model', async ({ spec, manifest, parts, signal }) => {
    const results: PartResult[] = []
    for (const { partition, view } of parts) {
      const tests = spec.tests.filter(({ reads }) => reads.every((read) => read === spec.key))
      const selection = dbtSelection([spec], tests)
      const end = await invoke(deps, input, manifest.manifest, [spec], selection, signal, partitionVars(view))
      signal.throwIfAborted()
      const fate = fatesOf([spec], end.results, end.unfinished).get(spec.key)
      if (fate?.type !== 'built') {
        results.push({ partition, failure: fate?.type === 'failed' ? fate.failure : toFailure(undefined) })
        continue
      }
      const columns = (await deps.warehouse.describe(spec.relation, { signal })) ?? []
      const rows = isWrittenByOthers(spec) ? rowsByColumns(dialectSql(deps.warehouse.dialect), spec, view) : null
      const seen =
        rows === null
          ? await observeRelation(deps.warehouse, { relation: spec.relation, columns }, { signal })
          : await fingerprintRows(deps.warehouse, rows, columns, { signal })
      results.push({ partition, ...seen, checks: fate.checks })
    }
    return results
  })
}

/** `traitline_partition_key`, `_start` and `_end`, and of each dimension `traitline_partition_<name>_key` and so on. */
export function partitionVars({ key, window, dimensions }: PartitionView): JsonObject {
  const of = (prefix: string, value: { readonly key: string; readonly window: PartitionView['window'] }) => ({
    [`${prefix}_key`]: value.key,
    ...(value.window && { [`${prefix}_start`]: value.window.start, [`${prefix}_end`]: value.window.end }),
  })
  return Object.assign(
    of('traitline_partition', { key, window }),
    ...Object.entries(dimensions).map(([name, value]) => of(`traitline_partition_${name}`, value)),
  ) as JsonObject
}
