import { mkdtemp, rm } from 'node:fs/promises'
import { onTestFinished } from 'vitest'

/** A folder that is removed when the test has finished. */
export async function tempDir(): Promise<string> {
  const folder = await mkdtemp('/var/tmp/traitline-temp-')
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
