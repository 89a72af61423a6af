import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ColumnSpec, SourceLoad } from '../../orchestrator/contract/index.ts'
import { warehouseError } from '../warehouse/errors.ts'

const homePrefix = 'home:'

/** The files of a source, absolute: under TRAITLINE_HOME after `home:`, else in the project's folder. */
export function loadPaths({ paths }: SourceLoad, projectDir: string, home: string): string[] {
  return paths.map((path) =>
    path.startsWith(homePrefix) ? resolve(home, path.slice(homePrefix.length)) : resolve(projectDir, path),
  )
}

/**
 * Tells what loading would give, without loading: the content of each file in order, and how it is read. Names and
 * times of the files do not matter.
 */
export async function filesVersion(
  paths: readonly string[],
  { load, columns }: { readonly load: SourceLoad; readonly columns: readonly ColumnSpec[] },
  signal: AbortSignal,
): Promise<string> {
  const { format, delimiter, header, dateFormat } = load
  const read = { format, delimiter, header, dateFormat, columns: columns.map(({ name, type }) => [name, type]) }
  const whole = createHash('sha256').update(JSON.stringify(read))
  for (const path of paths) whole.update(await fileDigest(path, signal))
  return `files-sha256-v1:${whole.digest('hex').slice(0, 32)}`
}

async function fileDigest(path: string, signal: AbortSignal): Promise<Buffer> {
  const digest: Hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), digest, { signal })
  } catch (error) {
    signal.throwIfAborted()
    const { code } = error as NodeJS.ErrnoException
    throw warehouseError('FILE_MISSING', `${path} cannot be read: ${code === 'ENOENT' ? 'no such file' : code}`)
  }
  return digest.digest()
}
