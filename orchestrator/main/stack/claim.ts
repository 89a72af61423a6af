import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { link, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writePrivateFile } from '../../process/index.ts'

interface Owner {
  readonly pid: number
  /** When that process started: a later one may have the same id. */
  readonly started: string
}

/**
 * Makes this process the one that runs a stack on a home. Answers how to give it up, or the id of the process that has
 * it. What a process that died has left is taken over.
 */
export async function claimHome(home: string): Promise<{ release(): Promise<void> } | { readonly takenBy: number }> {
  const file = ownerFile(home)
  const mine: Owner = { pid: process.pid, started: (await startOf(process.pid)) ?? '' }
  const draft = `${file}.${randomUUID()}`
  await writePrivateFile(draft, JSON.stringify(mine))
  try {
    for (;;) {
      // A link appears with its content, and only where there is none.
      const taken = await link(draft, file).then(
        () => false,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return true
          throw error
        },
      )
      if (!taken) return { release: () => rm(file, { force: true }) }
      const takenBy = await homeOwner(home)
      if (takenBy !== null) return { takenBy }
      await rm(file, { force: true })
    }
  } finally {
    await rm(draft, { force: true })
  }
}

/** The process that runs a stack on a home, from its first moment on; null if there is none. */
export async function homeOwner(home: string): Promise<number | null> {
  const text = await readFile(ownerFile(home), 'utf8').catch(() => null)
  if (text === null) return null
  const { pid, started } = JSON.parse(text) as Owner
  return (await startOf(pid)) === started ? pid : null
}

function ownerFile(home: string): string {
  return join(home, 'owner.json')
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
