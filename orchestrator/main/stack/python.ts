import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../process/index.ts'

type EnsurePythonEnv = (options: {
  readonly folder: string
  readonly lockFile: string
  readonly python?: string
  readonly onProgress?: (line: string) => void
}) => Promise<{ readonly changed: boolean }>

/** Makes the locked Python environment where it is missing or stale: see setup/python-env.mjs. */
export async function ensurePython(input: {
  readonly folder: string
  readonly python: string | null
  readonly onProgress: (line: string) => void
}): Promise<void> {
  const module = join(packageRoot(), 'orchestrator/main/setup/python-env.mjs')
  const { ensurePythonEnv } = (await import(pathToFileURL(module).href)) as { ensurePythonEnv: EnsurePythonEnv }
  await ensurePythonEnv({
    folder: input.folder,
    lockFile: join(packageRoot(), 'activities/python/requirements.lock'),
    python: input.python ?? undefined,
    onProgress: input.onProgress,
  })
}
