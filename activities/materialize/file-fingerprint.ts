import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { TraitlineError, type ColumnSpec, type SourceLoad } from '../../orchestrator/contract/index.ts'

/**
 * What a table is that is loaded from these files: their bytes, in their order, and how they are read. Two tables with
 * one fingerprint hold the same, so that equal files need not be loaded again.
 */
export async function fileFingerprint(
  paths: readonly string[],
  how: { readonly load: SourceLoad; readonly columns: readonly ColumnSpec[] },
  signal: AbortSignal,
): Promise<{ readonly dataVersion: string; readonly bytes: number }> {
  const files = []
  for (const path of paths) files.push(await digest(path, signal))
  const { delimiter, header, dateFormat } = how.load
  const columns = how.columns.map(({ name, type }) => [name, type])
  const whole = createHash('sha256').update(JSON.stringify([files, columns, delimiter, header, dateFormat]))
  return {
    dataVersion: `files-sha256-v1:${whole.digest('hex').slice(0, 32)}`,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  }
}

async function digest(path: string, signal: AbortSignal): Promise<{ size: number; hash: string }> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of createReadStream(path, { signal, highWaterMark: 1_048_576 }) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
    }
  } catch (error) {
    signal.throwIfAborted()
    const { code } = error as NodeJS.ErrnoException
    throw new TraitlineError({
      code: 'FILE_MISSING',
      message: `${path} cannot be read: ${code === 'ENOENT' ? 'no such file' : code}`,
      hint: 'Check the path: it is relative to the project, or under TRAITLINE_HOME after `home:`.',
      blame: 'user',
    })
  }
  return { size, hash: hash.digest('hex') }
}
