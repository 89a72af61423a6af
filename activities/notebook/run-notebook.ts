import { Context } from '@temporalio/activity'
import { access, readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type {
  JsonObject,
  NotebookSpec,
  PartitionView,
  Relation,
  StepInput,
  StepOutcome,
} from '../../orchestrator/contract/index.ts'
import { writePrivateFile } from '../../orchestrator/process/index.ts'
import { materializeAsset, type Job, type Made } from '../materialize/materialize-asset.ts'
import { profileRelation } from '../profile/profile.ts'
import { openStepLog, type MadeResource } from '../runtime/index.ts'
import type { WarehouseAccess } from '../warehouse/warehouse.ts'
import { boundNotebook } from './bound.ts'
import type { NotebookDeps } from './deps.ts'
import { executeNotebook } from './execute.ts'
import { noOutput, resourceMissing } from './failures.ts'
import { openNotebookFolder, type NotebookFolder } from './folder.ts'
import { hideSecrets } from './secrets.ts'
import { ensureKernel } from './kernel.ts'
import { takeOver } from './take-over.ts'

/** Executes a notebook while it holds the warehouse's lease, then takes its output over and records its metrics. */
export function runNotebook(deps: NotebookDeps, input: StepInput): Promise<StepOutcome> {
  return materializeAsset(deps, input, 'notebook', async (job) => {
    const folder = await openNotebookFolder(deps.home, input)
    try {
      return await make(deps, job, folder)
    } finally {
      await folder.clean()
    }
  })
}

/** Of the making of a notebook, or of one partition of it, what running it takes. */
export type NotebookJob = Pick<Job<NotebookSpec>, 'spec' | 'manifest' | 'signal' | 'input'> & {
  readonly part?: NotebookPart
}

/** The partition that it is run for, and which of its inputs' rows are of it. */
export interface NotebookPart {
  readonly view: PartitionView
  readonly parameters: JsonObject
  readonly inputs: Readonly<Record<string, Relation & { readonly partitions?: readonly string[] }>>
}

/** Runs it; its output is then in the folder. */
export async function run(deps: NotebookDeps, job: NotebookJob, folder: NotebookFolder): Promise<void> {
  const { spec, signal, input } = job
  const file = resolve(deps.projectDir(input), spec.path)
  const jupyter = await ensureKernel(deps.home, deps.pythonExecutable)
  const resources = await resourcesOf(deps, job)
  const secrets = Object.values(resources).flatMap((resource) => resource.secrets)
  const log = openStepLog(deps.store.logs, input, deps.clock)
  try {
    await deps.warehouse.lease(async (warehouse) => {
      await tell(job, folder, file, warehouse)
      await executeNotebook({
        spec,
        file,
        folder,
        access: warehouse,
        pythonExecutable: deps.pythonExecutable,
        environment: { ...deps.environment, ...jupyter },
        resources,
        secrets,
        log,
        signal,
      })
    }, signal)
  } finally {
    await log.close()
    // A notebook that was cut off may be no whole file; it is then left as it is.
    await boundNotebook(folder.executed).catch(() => undefined)
    await hideSecrets(folder.executed, secrets)
  }
  if (!(await exists(folder.output))) throw noOutput(spec)
}

/** By the names that the notebook uses. */
async function resourcesOf(
  deps: NotebookDeps,
  { spec, manifest, input }: NotebookJob,
): Promise<Readonly<Record<string, MadeResource>>> {
  const known = new Map(manifest.manifest.resources?.map((resource) => [resource.name, resource]))
  const asked = Object.entries(spec.resources ?? {})
  const { environment, project } = input
  const found = asked.map(async ([as, name]) => {
    const resource = known.get(name)
    if (resource === undefined || deps.resources === undefined) throw resourceMissing(spec, name)
    return [as, await deps.resources.find({ environment, project }, resource)] as const
  })
  return Object.fromEntries(await Promise.all(found))
}

async function make(deps: NotebookDeps, job: Job<NotebookSpec>, folder: NotebookFolder): Promise<Made> {
  const { spec, manifest, signal } = job
  const { key } = manifest.entity(spec.entity)
  await run(deps, job, folder)
  await takeOver(deps.warehouse, spec, key.column, folder.output, { signal })
  const columns = spec.columns.map(({ name, type, pii }) => ({
    name,
    type,
    statistics: name !== key.column && pii !== true,
  }))
  const profile = await profileRelation(deps.warehouse, { relation: spec.relation, columns }, { signal })
  return { ...profile, metadata: { ...(await metrics(folder)), executed_notebook: folder.executedName } }
}

/** Writes what the notebook's program and the helper inside the notebook need to know. */
async function tell(
  { spec, manifest, part }: NotebookJob,
  folder: NotebookFolder,
  file: string,
  warehouse: WarehouseAccess,
): Promise<void> {
  const { key } = manifest.entity(spec.entity)
  const { kernel } = spec
  const parameters = { ...spec.parameters, ...part?.parameters }
  const scheduled = new Date(Context.current().info.scheduledTimestampMs).toISOString()
  await writePrivateFile(
    folder.job,
    JSON.stringify({ notebook: file, executed: folder.executed, kernel, parameters, folder: dirname(file) }),
  )
  await writePrivateFile(
    folder.context,
    JSON.stringify({
      dialect: warehouse.dialect,
      inputs:
        part?.inputs ??
        Object.fromEntries(Object.entries(spec.inputs).map(([name, asset]) => [name, manifest.relation(asset)])),
      partition: part?.view ?? null,
      asOf: manifest.manifest.asOf ?? scheduled,
      timeZone: manifest.manifest.timeZone,
      parameters,
      key: { name: key.column, type: key.type },
      columns: spec.columns.filter(({ name }) => name !== key.column).map(({ name, type }) => ({ name, type })),
      outputFile: folder.output,
      metricsFile: folder.metrics,
    }),
  )
}

async function metrics(folder: NotebookFolder): Promise<JsonObject> {
  if (!(await exists(folder.metrics))) return {}
  return JSON.parse(await readFile(folder.metrics, 'utf8')) as JsonObject
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
