import { join, resolve } from 'node:path'
import {
  isTraitlineError,
  type SourceLoad,
  type SourceSpec,
  type StepInput,
  type StepOutcome,
} from '../../orchestrator/contract/index.ts'
import { observeRelation } from '../profile/profile.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { requireColumns, type Read } from './columns.ts'
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
  const there = await requireColumns(warehouse, spec.key, declaredColumns(spec), { signal })
  const columns = spec.columns.length > 0 ? there.slice(0, spec.columns.length) : there
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
  // An attempt that was lost may have loaded other files than these: then the table is not what the record says.
  if (job.attempt === 1 && unchanged(job, dataVersion) && (await stands(deps.warehouse, spec, signal))) return 'fresh'
  const { delimiter, header, dateFormat } = load
  const rows = await deps.warehouse.loadCsv({ relation, columns, paths, delimiter, header, dateFormat }, { signal })
  return { dataVersion, rows, statistics: [], metadata: { files: paths.length, bytes } }
}

function declaredColumns({ key, relation, columns }: SourceSpec): Read {
  return { from: key, relation, columns: columns.map(({ name }) => name) }
}

/** Whether the table is still there as it was loaded: somebody may have dropped it. */
async function stands(warehouse: Warehouse, spec: SourceSpec, signal: AbortSignal): Promise<boolean> {
  try {
    await requireColumns(warehouse, spec.key, declaredColumns(spec), { signal })
    return true
  } catch (error) {
    if (isTraitlineError(error) && ['COLUMN_MISSING', 'RELATION_MISSING'].includes(error.code)) return false
    throw error
  }
}

/** Whether the run looks at it for no other reason than that a source is always looked at, and nothing changed. */
function unchanged({ reasons, previous }: Job<SourceSpec>, dataVersion: string): boolean {
  return reasons.every(({ type }) => type === 'observe') && previous.latest?.dataVersion === dataVersion
}
