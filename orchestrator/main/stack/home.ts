import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TraitlineError } from '../../contract/index.ts'
import { writePrivateFile } from '../../process/index.ts'
import { claimFile, ownerOf } from './claim.ts'

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

function ownerFile(home: string): string {
  return join(home, 'owner.json')
}

function stackFile(home: string): string {
  return join(home, 'stack.json')
}

/** The stack that runs on this home; null if there is none, it is not up yet, or it died. */
export async function runningStack(home: string): Promise<StackFile | null> {
  const stack = await readStackFile(home)
  return stack !== null && stack.pid === (await ownerOf(ownerFile(home))) ? stack : null
}

/** Makes this process the one that runs a stack on the home, and answers how to give it up. Throws STACK_RUNNING. */
export async function takeHome(home: string): Promise<() => Promise<void>> {
  const claim = await claimFile(ownerFile(home))
  if ('release' in claim) return claim.release
  const url = (await runningStack(home))?.serverUrl ?? null
  throw new TraitlineError({
    code: 'STACK_RUNNING',
    message: `a stack already runs on ${home} (process ${claim.takenBy}${url === null ? '' : `, ${url}`})`,
    hint: 'Use that one, stop it, or set TRAITLINE_HOME to another folder.',
    blame: 'user',
  })
}

async function readStackFile(home: string): Promise<StackFile | null> {
  const text = await readFile(stackFile(home), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as StackFile)
}

export async function writeStackFile(home: string, stack: StackFile): Promise<void> {
  await writePrivateFile(stackFile(home), JSON.stringify(stack, null, 2))
}

export async function removeStackFile(home: string): Promise<void> {
  await rm(stackFile(home), { force: true })
}
