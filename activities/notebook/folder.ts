import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { StepInput } from '../../orchestrator/contract/index.ts'
import { privateDir } from '../../orchestrator/process/index.ts'

/**
 * The files of one step: how a notebook and Traitline exchange data. Files and not tables of the warehouse, so that a
 * notebook only ever reads the warehouse, what it wrote is loaded whole or not at all by the loader that every
 * warehouse has, and a crash leaves nothing behind in it.
 */
export interface NotebookFolder {
  readonly path: string
  /** What the program that executes the notebook is told. */
  readonly job: string
  /** What the helper inside the notebook is told. */
  readonly context: string
  /** Rows, as CSV. */
  readonly output: string
  readonly metrics: string
  /** The notebook with its outputs, kept for its owner alone: cells may show rows. */
  readonly executed: string
  /** The same, relative to TRAITLINE_HOME: what messages and the record say. */
  readonly executedName: string
  /** Removes all but the executed notebook. */
  clean(): Promise<void>
}

export async function openNotebookFolder(home: string, input: StepInput): Promise<NotebookFolder> {
  const name = join('runs', input.run, ...input.step.id.split('/'))
  const path = await privateDir(join(home, name))
  const folder = {
    path,
    job: join(path, 'job.json'),
    context: join(path, 'context.json'),
    output: join(path, 'output.csv'),
    metrics: join(path, 'metrics.json'),
    executed: join(path, 'executed.ipynb'),
    executedName: join(name, 'executed.ipynb'),
  }
  const clean = async (): Promise<void> => {
    const { job, context, output, metrics } = folder
    await Promise.all([job, context, output, `${output}.part`, metrics].map((file) => rm(file, { force: true })))
  }
  // An attempt that was killed may have left its output.
  await clean()
  return { ...folder, clean }
}
