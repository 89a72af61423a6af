import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'traitline-connector-'

export interface PrivateFiles {
  /** Holds the files; inside a folder that only its owner may enter. */
  readonly folder: string
  path(name: string): string
  remove(): Promise<void>
}

/**
 * Writes each content as JSON to `<name>.json` in a new folder that only its owner may enter. With `shared`, the files
 * themselves may be read by anyone who is handed the inner folder: a container's user is not ours.
 */
export async function privateFiles(
  contents: Readonly<Record<string, unknown>>,
  shared: boolean,
): Promise<PrivateFiles> {
  await sweep()
  const outer = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  const folder = join(outer, 'files')
  const path = (name: string): string => join(folder, `${name}.json`)
  await mkdir(folder, { mode: shared ? 0o755 : 0o700 })
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(path(name), JSON.stringify(content), { mode: shared ? 0o644 : 0o600 })
  }
  return { folder, path, remove: () => rm(outer, { recursive: true, force: true }) }
}

/** Removes what processes left that were killed before they could. */
async function sweep(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => [])
  for (const name of names) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
    if (Number.isInteger(owner) && !isAlive(owner)) {
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
