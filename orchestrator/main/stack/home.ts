import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TraitlineError } from '../../contract/index.ts'
import { writePrivateFile } from '../../process/index.ts'

/** Rises when a home written by an older Traitline has to be migrated. */
const homeFormat = 1

/** What a running stack tells other commands of the same home. The file holds passwords: its owner alone may read it. */
export interface StackFile {
  readonly pid: number
  readonly project: string
  readonly projectDir: string
  readonly databaseUrl: string
  /** Null: the standard TEMPORAL_* variables say it. */
  readonly temporalAddress: string | null
  readonly temporalUiUrl: string | null
  readonly warehouseUrl: string
  readonly serverUrl: string | null
  /** Values that stand in for unset variables of destinations. */
  readonly variables: Readonly<Record<string, string>>
}

/** Makes the home folder, or refuses one that a newer Traitline wrote. */
export async function openHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true })
  // As root PostgreSQL runs as another user, who has to pass through but not look around.
  await chmod(home, process.getuid?.() === 0 ? 0o711 : 0o700)
  const file = join(home, 'format')
  const stamp = await readFile(file, 'utf8').catch(() => null)
  if (stamp === null) return writePrivateFile(file, `${homeFormat}\n`)
  if (Number(stamp) <= homeFormat) return
  throw new TraitlineError({
    code: 'HOME_TOO_NEW',
    message: `${home} was written by a newer Traitline (format ${stamp.trim()}, this one knows ${homeFormat})`,
    hint: 'Upgrade Traitline, or set TRAITLINE_HOME to another folder.',
    blame: 'config',
  })
}

function stackFile(home: string): string {
  return join(home, 'stack.json')
}

/** The stack that runs on this home; null if there is none, or only the file of one that died. */
export async function runningStack(home: string): Promise<StackFile | null> {
  const text = await readFile(stackFile(home), 'utf8').catch(() => null)
  if (text === null) return null
  const stack = JSON.parse(text) as StackFile
  return alive(stack.pid) ? stack : null
}

/** Throws STACK_RUNNING if another process runs a stack on this home. */
export async function refuseSecondStack(home: string): Promise<void> {
  const stack = await runningStack(home)
  if (stack === null || stack.pid === process.pid) return
  throw new TraitlineError({
    code: 'STACK_RUNNING',
    message: `a stack already runs on ${home} (process ${stack.pid}${stack.serverUrl === null ? '' : `, ${stack.serverUrl}`})`,
    hint: 'Use that one, stop it, or set TRAITLINE_HOME to another folder.',
    blame: 'user',
  })
}

export async function writeStackFile(home: string, stack: StackFile): Promise<void> {
  await writePrivateFile(stackFile(home), JSON.stringify(stack, null, 2))
}

export async function removeStackFile(home: string): Promise<void> {
  await rm(stackFile(home), { force: true })
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
