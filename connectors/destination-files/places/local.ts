import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { configError, systemError, transientError, type DestinationError } from '../../kit/index.ts'
import type { Place } from './place.ts'

const asideName = '.traitline'
/** What is left of a program that was killed. */
const forgottenMs = 24 * 3_600_000

/** A folder of this machine. Its own folder `.traitline` holds what is being written, on the same file system. */
export async function localPlace({ folder }: { readonly folder: string }): Promise<Place> {
  const aside = join(folder, asideName)
  const made = new Set<string>()
  await reaching(folder, async () => {
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' })
    await mkdir(aside, { recursive: true, mode: 0o700 })
  })
  await sweep(aside)

  const ensureFolder = async (path: string): Promise<void> => {
    if (made.has(path)) return
    await mkdir(path, { recursive: true })
    // The names of new folders are durable too, up to the one that was given.
    for (let inner = path; inner.startsWith(folder) && inner !== dirname(folder); inner = dirname(inner)) {
      await syncFolder(inner)
    }
    made.add(path)
  }

  return {
    aside,
    check: () =>
      reaching(folder, async () => {
        await access(folder, constants.W_OK)
        const probe = join(aside, randomUUID())
        await writeFile(probe, '')
        await rm(probe)
      }),
    put: (path, name) =>
      reaching(folder, async () => {
        const target = join(folder, name)
        await ensureFolder(dirname(target))
        await rename(path, target)
        await syncFolder(dirname(target))
      }),
    close: () => Promise.resolve(),
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function sweep(aside: string): Promise<void> {
  for (const name of await readdir(aside)) {
    const path = join(aside, name)
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now())
    if (age > forgottenMs) await rm(path, { force: true })
  }
}

async function reaching<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translate(error, folder)
  }
}

const reasons: Readonly<Record<string, readonly [make: typeof configError, reason: string]>> = {
  ENOENT: [configError, 'does not exist: make it, on the machine of the worker'],
  ENOTDIR: [configError, 'is no folder'],
  EACCES: [configError, 'may not be written by the worker’s user: change its owner or mode'],
  EPERM: [configError, 'may not be written by the worker’s user: change its owner or mode'],
  EROFS: [configError, 'is on a file system that is read-only'],
  ENOSPC: [transientError, 'is on a disk that is full'],
  EDQUOT: [transientError, 'is over its quota'],
}

function translate(error: unknown, folder: string): DestinationError {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? ''
  const [make, reason] = reasons[code] ?? [systemError, `cannot be used (${code === '' ? 'no code' : code})`]
  return make(`The folder ${folder} ${reason}.`, error)
}
