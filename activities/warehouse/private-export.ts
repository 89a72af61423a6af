import { open, rm, stat } from 'node:fs/promises'
import { warehouseError } from './errors.ts'

/** A new file that only its owner may read, filled by `write`; gone again if that fails. */
export async function exportPrivately(
  path: string,
  write: () => Promise<number>,
): Promise<{ rows: number; bytes: number }> {
  try {
    await (await open(path, 'wx', 0o600)).close()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw warehouseError('FILE_EXISTS', `${path} is there already`)
    throw warehouseError('WAREHOUSE_FAILED', `${path} cannot be written: ${code}`)
  }
  try {
    const rows = await write()
    return { rows, bytes: (await stat(path)).size }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}
