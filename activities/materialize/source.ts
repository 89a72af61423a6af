import { join, resolve } from 'node:path'
import type { SourceLoad, SourceSpec, StepInput, StepOutcome } from '../../orchestrator/contract/index.ts'
import { observeRelation } from '../profile/profile.ts'
import { findColumn, requireColumns } from './columns.ts'
import type { MaterializeDeps } from './deps.ts'
import { fileFingerprint } from './file-fingerprint.ts'
import { materializeAsset, type Job, type Made } from './materialize-asset.ts'

/** Looks at a source, and loads it first if it is one that Traitline fills. Fresh if it is what it was. */
export function observeSource(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return materializeAsset(deps, input, 'source', (job) => {
    const { load } = job.spec
    return load === null ? observe(deps, job) : loadFiles(deps, job, load)
  })
}

async function observe({ warehouse }: MaterializeDeps, job: Job<SourceSpec>): Promise<Made | 'fresh'> {
  const { spec, signal } = job
  const needed = spec.columns.map(({ name }) => name)
  const needs = { asset: spec, relation: spec.relation, needed, madeBy: spec.key }
  const there = await requireColumns(warehouse, needs, { signal })
  const declared = needed.flatMap((name) => findColumn(there, name) ?? [])
  const columns = declared.length > 0 ? declared : there
  const seen = await observeRelation(warehouse, { relation: spec.relation, columns }, { signal })
  return unchanged(job, seen.dataVersion) ? 'fresh' : { ...seen, statistics: [] }
}

async function loadFiles(deps: MaterializeDeps, job: Job<SourceSpec>, load: SourceLoad): Promise<Made | 'fresh'> {
  const { spec, signal, input } = job
  const { relation, columns } = spec
  const paths = load.paths.map((path) =>
    path.startsWith('home:') ? join(deps.home, path.slice('home:'.length)) : resolve(deps.projectDir(input), path),
  )
  const { dataVersion, bytes } = await fileFingerprint(paths, { load, columns }, signal)
  if (unchanged(job, dataVersion)) {
    // Unless somebody dropped it.
    const there = await deps.warehouse.describe(relation, { signal })
    if (there !== null && columns.every(({ name }) => findColumn(there, name) !== undefined)) return 'fresh'
  }
  const { delimiter, header, dateFormat } = load
  const rows = await deps.warehouse.loadCsv({ relation, columns, paths, delimiter, header, dateFormat }, { signal })
  return { dataVersion, rows, statistics: [], metadata: { files: paths.length, bytes } }
}

/** Whether the run looks at it for no other reason than that a source is always looked at, and nothing changed. */
function unchanged({ reasons, previous }: Job<SourceSpec>, dataVersion: string): boolean {
  return reasons.every(({ type }) => type === 'observe') && previous.latest?.dataVersion === dataVersion
}
