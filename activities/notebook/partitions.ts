import type { AssetKey, StepInput, StepOutcome } from '../../orchestrator/contract/index.ts'
import { numbersIn } from '../../orchestrator/graph/index.ts'
import {
  dialectSql,
  dropStaging,
  partitionTables,
  publishPartitions,
  stagingRelation,
  tagStaging,
} from '../../orchestrator/sql/index.ts'
import { partitionVars } from '../dbt/build-partitions.ts'
import { ensureTables, versionsOf } from '../materialize/partitions/build.ts'
import { makePartitions, type Part, type PartitionJob, type PartResult } from '../materialize/partitions/make.ts'
import { toFailure } from '../runtime/index.ts'
import type { NotebookDeps } from './deps.ts'
import { outputInvalid } from './failures.ts'
import { openNotebookFolder } from './folder.ts'
import { run, type NotebookPart } from './run-notebook.ts'
import { problemOf } from './take-over.ts'

/** Executes a notebook for each partition, and puts its output in the place of what was there of the partition. */
export function runNotebookPartitions(deps: NotebookDeps, input: StepInput): Promise<StepOutcome> {
  return makePartitions(deps, input, 'notebook', async (job) => {
    const results: PartResult[] = []
    for (const part of job.parts) results.push(...(await runPart(deps, job, part)))
    return results
  })
}

type NotebookPartitions = PartitionJob<Parameters<typeof run>[1]['spec']>

async function runPart(deps: NotebookDeps, job: NotebookPartitions, part: Part): Promise<readonly PartResult[]> {
  const { spec, manifest, signal, input } = job
  const { warehouse } = deps
  const { key } = manifest.entity(spec.entity)
  const folder = await openNotebookFolder(deps.home, input)
  try {
    await run(deps, { ...job, part: partOf(job, part) }, folder)
    const aside = { schema: spec.relation.schema, name: `${spec.relation.name} ${input.step.id}` }
    const staging = stagingRelation(aside)
    const { columns } = spec
    const call = { signal }
    await warehouse.loadCsv(
      { relation: staging, columns, paths: [folder.output], delimiter: ',', header: true, dateFormat: null },
      call,
    )
    const problem = await problemOf(warehouse, staging, key.column, call)
    if (problem !== null) {
      await warehouse.transaction([dropStaging(aside)], call)
      return [{ partition: part.partition, failure: toFailure(outputInvalid(spec, problem)) }]
    }
    const dialect = dialectSql(warehouse.dialect)
    await ensureTables(warehouse, job, columns)
    const publish = publishPartitions(dialect, spec.relation, columns, staging, [part])
    await warehouse.transaction([...tagStaging(dialect, staging, part.partition), ...publish], call)
    return await versionsOf(warehouse, job, columns, [part])
  } finally {
    await folder.clean()
  }
}

function partOf({ spec, manifest, partitionings }: NotebookPartitions, { view, reads }: Part): NotebookPart {
  const inputOf = (asset: AssetKey): NotebookPart['inputs'][string] => {
    const upstream = manifest.asset(asset)
    const [read, partitioning] = [reads.get(asset), partitionings(asset)]
    const relation = manifest.relation(asset)
    // Of what others fill, the notebook itself has to choose by the window that it is told.
    if (read === undefined || partitioning === null || ['source', 'model'].includes(upstream.kind)) return relation
    const partitions = [...numbersIn(read.set)].map((n) => partitioning.keyOf(n))
    return { ...partitionTables(relation).rows, partitions }
  }
  const inputs = Object.entries(spec.inputs).map(([name, asset]) => [name, inputOf(asset)] as const)
  return { view, parameters: partitionVars(view), inputs: Object.fromEntries(inputs) }
}
