import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './private-files.ts'

const pollMs = 250
const staleMs = 15 * 60_000

/**
 * Runs `work` while no other process that asks for the same file does. A lock whose owner has died, or that is older
 * than any work takes, is taken over; so this saves double work, and is nothing to build correctness on.
 */
export async function withInstallLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await take(path))) {
    if (await isStale(path)) await rm(path, { force: true })
    else await sleep(pollMs, undefined, signal === undefined ? {} : { signal })
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const [owner, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const age = Date.now() - mtimeMs
    // Just made, its owner may not have written its id yet.
    if (owner === '') return age > 1_000
    return age > staleMs || !isAlive(Number(owner))
  } catch {
    return false
  }
}
