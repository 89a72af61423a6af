import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  isTraitlineError,
  TraitlineError,
  type DbtProjectSpec,
  type Failure,
  type JsonObject,
} from '../../orchestrator/contract/index.ts'
import { privateDir, spawnOwned, writePrivateFile, type ProcessEnd } from '../../orchestrator/process/index.ts'
import type { WarehouseAccess } from '../warehouse/warehouse.ts'
import { parseLogLine, type DbtLogLine } from './log-line.ts'
import { dbtProfile, profileName } from './profiles.ts'
import { readResults, type NodeResults } from './results.ts'

export interface Invocation {
  readonly executable: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly projectDir: string
  /** Of this dbt project in this environment: its cache of parsed files, its profile and its results. */
  readonly folder: string
  readonly access: WarehouseAccess
  readonly dbtProject: DbtProjectSpec
  readonly vars: JsonObject
  readonly selection: readonly string[]
  readonly onLine: (line: DbtLogLine) => void
  readonly signal: AbortSignal
}

export interface InvocationEnd {
  readonly results: NodeResults
  /** Why there may be nodes without a result. */
  readonly unfinished: Failure
}

/** A little less than the activity is allowed, so that the message names dbt. */
const timeoutMs = 5.75 * 60 * 60_000

/** One `dbt build`, in a process group of its own. Nothing is written to the dbt project's folder. */
export async function invokeDbt(invocation: Invocation): Promise<InvocationEnd> {
  const { folder, projectDir } = invocation
  const profile = dbtProfile(invocation.access, invocation.dbtProject.schema)
  const target = join(folder, 'target')
  await privateDir(folder)
  await writePrivateFile(join(folder, 'profiles.yml'), profile.text)
  // What an earlier invocation left must not be taken for this one's.
  const resultsFile = join(target, 'run_results.json')
  await rm(resultsFile, { force: true })

  const errors: string[] = []
  const end = await spawnOwned(
    invocation.executable,
    [
      'build',
      ...['--project-dir', projectDir, '--profiles-dir', folder, '--profile', profileName, '--target', profileName],
      ...['--target-path', target, '--log-path', join(folder, 'logs'), '--log-level-file', 'none'],
      ...['--log-format', 'json', '--log-level', 'info', '--no-use-colors', '--cache-selected-only'],
      ...['--vars', JSON.stringify(invocation.vars), '--indirect-selection', 'empty'],
      ...['--select', ...invocation.selection],
    ],
    {
      cwd: projectDir,
      env: { ...invocation.environment, ...quietly, ...profile.env },
      signal: invocation.signal,
      // dbt cancels its queries on an interrupt.
      stopSignal: 'SIGINT',
      timeoutMs,
      onStdoutLine: (text) => {
        const line = parseLogLine(text)
        if (line.error && line.node === null && line.text !== '' && errors.length < 5) errors.push(line.text)
        invocation.onLine(line)
      },
      onStderrLine: (text) => {
        const line = parseLogLine(text)
        if (line.text !== '' && errors.length < 5) errors.push(line.text)
        invocation.onLine(line)
      },
    },
  ).catch((error: unknown) =>
    Promise.reject(isTraitlineError(error) ? spawnError(error, invocation.executable) : error),
  )
  return { results: await readResults(resultsFile), unfinished: unfinished(invocation, end, errors) }
}

const quietly = {
  DO_NOT_TRACK: '1',
  DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
  DBT_VERSION_CHECK: 'false',
  PYTHONUNBUFFERED: '1',
}

function unfinished({ dbtProject }: Invocation, end: ProcessEnd, errors: readonly string[]): Failure {
  if (end.signal !== null) {
    return {
      code: 'DBT_KILLED',
      message: `dbt was ended by ${end.signal} while it built ${dbtProject.name}`,
      hint: 'See whether the machine ran out of memory, then materialise again.',
      blame: 'system',
    }
  }
  const said = errors.join('\n')
  return {
    code: 'DBT_FAILED',
    message: `dbt could not run the project ${dbtProject.name}${said === '' ? `: it left with code ${end.code}` : `: ${said}`}`,
    hint: `Correct the dbt project in ${dbtProject.path}, then deploy it again: traitline deploy`,
    blame: 'user',
  }
}

function spawnError(error: TraitlineError, executable: string): TraitlineError {
  if (error.code === 'PROCESS_TIMEOUT') return error
  return new TraitlineError({
    code: 'DBT_MISSING',
    message: `dbt cannot be started: ${error.message}`,
    hint: `Let TRAITLINE_DBT name a dbt that runs, or remove the folder of the Python environment above ${executable} so that it is made again.`,
    blame: 'config',
    cause: error,
  })
}
