import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { link, readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { TraitlineError } from '../../contract/index.ts'
import { writePrivateFile } from '../../process/index.ts'

interface Owner {
  readonly pid: number
  /** When that process started: a later one may have the same id. */
  readonly started: string
  /** Tells this claim from every other. */
  readonly claim: string
}

/** How to give up what was claimed, or the id of the process that has it. */
export type Claim = { release(): Promise<void> } | { readonly takenBy: number }

const turns = 200
const turnMs = 50

/**
 * Makes this process the owner of what `file` stands for, until it gives it up or dies: what a process that died has
 * left is taken over. The folder of `file` has to exist, on a disk of this machine.
 */
export async function claimFile(file: string): Promise<Claim> {
  const claim = randomUUID()
  const mine: Owner = { pid: process.pid, started: (await startOf(process.pid)) ?? '', claim }
  const draft = `${file}.${claim}`
  await writePrivateFile(draft, JSON.stringify(mine))
  try {
    for (let turn = 0; turn < turns; turn++) {
      if (await linked(draft, file)) return { release: () => rm(file, { force: true }) }
      const left = await readOwner(file)
      if (left === null) continue
      if (await lives(left)) return { takenBy: left.pid }
      if (!(await removeLeft(file, left))) await delay(turnMs)
    }
  } finally {
    await rm(draft, { force: true })
  }
  throw new TraitlineError({
    code: 'CLAIM_FAILED',
    message: `${file}, left by a process that died, cannot be taken over`,
    hint: 'Remove the file if nothing of Traitline runs there.',
    blame: 'system',
  })
}

/** The process that owns what `file` stands for; null if there is none. */
export async function ownerOf(file: string): Promise<number | null> {
  const owner = await readOwner(file)
  return owner !== null && (await lives(owner)) ? owner.pid : null
}

/**
 * Removes what a dead process left. Only who has claimed to do so looks once more and removes: another may have done it,
 * and be the owner by now.
 */
async function removeLeft(file: string, left: Owner): Promise<boolean> {
  const guard = await claimFile(`${file}.takeover`)
  if (!('release' in guard)) return false
  try {
    if ((await readOwner(file))?.claim === left.claim) await rm(file, { force: true })
    return true
  } finally {
    await guard.release()
  }
}

/** A link appears with its content, and only where there is none. */
async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readOwner(file: string): Promise<Owner | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as Owner)
}

async function lives({ pid, started }: Owner): Promise<boolean> {
  return (await startOf(pid)) === started
}

/** When a process started, in whatever words the system has for it; null if there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
    // The second field is the program's name in parentheses, which may hold anything; the start is the 22nd.
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.trim() || null
}
