import { dirname, join } from 'node:path'
import { isTraitlineError, type NotebookSpec } from '../../orchestrator/contract/index.ts'
import { spawnOwned, withoutValues, type ProcessEnd } from '../../orchestrator/process/index.ts'
import type { MadeResource, StepLog } from '../runtime/index.ts'
import type { WarehouseAccess } from '../warehouse/warehouse.ts'
import { notebookFailed, notebookTimedOut, pythonBroken, pythonMissing } from './failures.ts'
import type { NotebookFolder } from './folder.ts'
import { helperFolder } from './kernel.ts'
import { hidingSecrets } from './secrets.ts'

export interface Execution {
  readonly spec: NotebookSpec
  /** The notebook's file. */
  readonly file: string
  readonly folder: NotebookFolder
  readonly access: WarehouseAccess
  readonly pythonExecutable: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** By the names that the notebook uses. */
  readonly resources: Readonly<Record<string, MadeResource>>
  /** Of those: to be shown nowhere. */
  readonly secrets: readonly string[]
  readonly log: StepLog
  readonly signal: AbortSignal
}

/** What the program that executes a notebook says, a JSON object a line. */
export type Told =
  | { readonly event: 'cell'; readonly cell: number; readonly seconds: number }
  | { readonly event: 'done' }
  | {
      readonly event: 'failed'
      readonly type: 'cell' | 'kernel_missing' | 'kernel_died' | 'notebook'
      readonly cell?: number | null
      readonly error?: string
      readonly message?: string
    }

/** Jupyter interrupts a kernel before it asks it to end, and one that is idle may say so: nothing went wrong. */
const saidAtTheEnd = /^\[IPKernelApp\] ERROR \| KeyboardInterrupt caught in kernel\.?$/

/** Runs the notebook to its end in a process group of its own, with the warehouse's lease. Throws unless all cells ran. */
export async function executeNotebook(execution: Execution): Promise<void> {
  const { spec, folder, pythonExecutable, log } = execution
  const hide = hidingSecrets(execution.secrets)
  let last: Told | null = null
  let lastError = ''
  const listen = (line: string): void => {
    const told = parseTold(line)
    if (told?.event === 'cell') log.write('stdout', `cell ${told.cell}: ${told.seconds} s`)
    else if (told !== null) last = told
  }
  const end = await spawnOwned(pythonExecutable, [join(helperFolder(), 'run_notebook.py'), folder.job], {
    cwd: dirname(execution.file),
    env: environmentOf(execution),
    signal: execution.signal,
    timeoutMs: spec.timeoutSeconds * 1_000,
    onStdoutLine: listen,
    onStderrLine: (line) => {
      const text = hide(withoutValues(line))
      if (text === '' || saidAtTheEnd.test(text)) return
      lastError = text
      log.write('stderr', text)
    },
  }).catch((error: unknown): ProcessEnd => {
    if (!isTraitlineError(error)) throw error
    throw error.code === 'PROCESS_TIMEOUT' ? notebookTimedOut(spec, folder) : pythonMissing(pythonExecutable, error)
  })
  execution.signal.throwIfAborted()
  const told = last as Told | null
  if (told?.event === 'failed') {
    const { message } = told
    throw notebookFailed(spec, folder, message === undefined ? told : { ...told, message: hide(message) })
  }
  if (told?.event !== 'done') throw pythonBroken(spec, pythonExecutable, end, lastError)
}

function environmentOf({ environment, access, folder, resources }: Execution): Record<string, string | undefined> {
  const path = environment['PYTHONPATH']
  return {
    ...environment,
    PYTHONPATH: path === undefined || path === '' ? helperFolder() : `${helperFolder()}:${path}`,
    // The package may stand where nobody may write.
    PYTHONDONTWRITEBYTECODE: '1',
    TRAITLINE_NOTEBOOK_CONTEXT: folder.context,
    // In no file: only this program and the kernel that it starts can read it.
    TRAITLINE_NOTEBOOK_RESOURCES: JSON.stringify(
      Object.fromEntries(Object.entries(resources).map(([name, { value }]) => [name, value])),
    ),
    TRAITLINE_NOTEBOOK_WAREHOUSE: locations[access.dialect](access.url),
  }
}

const locations: Readonly<Record<WarehouseAccess['dialect'], (url: string) => string>> = {
  duckdb: (url) => url.replace(/^duckdb:/, '').replace(/\?.*$/, ''),
  postgres: (url) => url,
}

function parseTold(line: string): Told | null {
  try {
    return JSON.parse(line) as Told
  } catch {
    return null
  }
}
