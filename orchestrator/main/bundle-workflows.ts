import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker'
import { packageRoot } from '../process/index.ts'

const self = fileURLToPath(import.meta.url)
/** Whether this is the compiled package: its workflows were bundled when it was built. */
const compiled = self.endsWith('.js')

function bundleFile(): string {
  return join(packageRoot(), 'dist/workflow-bundle.js')
}

/** The workflows as one piece of code, from source or from dist/, whichever this is. Takes a second. */
export async function bundleWorkflows(logger: Logger): Promise<{ readonly code: string }> {
  const workflowsPath = join(packageRoot(), compiled ? 'dist/workflows/index.js' : 'workflows/index.ts')
  return bundleWorkflowCode({ workflowsPath, logger })
}

/** What a worker runs: what was bundled ahead if there is any, else bundled now. */
export async function workflowBundle(logger: Logger): Promise<WorkflowBundleOption> {
  return compiled && existsSync(bundleFile()) ? { codePath: bundleFile() } : bundleWorkflows(logger)
}

export const silentLogger: Logger = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

if (process.argv[1] === self) {
  const { code } = await bundleWorkflows(silentLogger)
  await writeFile(bundleFile(), code)
}
