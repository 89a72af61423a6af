import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { freePort, packageRoot } from '../../orchestrator/process/index.ts'
import { startPostgres } from '../../orchestrator/main/stack/postgres.ts'
import { startTemporal } from '../../orchestrator/main/stack/temporal.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
    temporalAddress: string
    pythonEnv: string
  }
}

/** A real PostgreSQL and a real Temporal for the whole suite, in a folder of their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp('/var/tmp/traitline-test-')
  // As root PostgreSQL runs as another user, who has to pass through.
  await chmod(folder, 0o711)
  const pythonEnv = process.env['TRAITLINE_PYTHON_ENV'] ?? join(packageRoot(), '.traitline/python')
  const [postgres, temporal] = await Promise.all([
    startPostgres({ folder: join(folder, 'postgres'), port: await freePort() }),
    startTemporal({
      executable: join(pythonEnv, 'bin/temporal'),
      folder: join(folder, 'temporal'),
      port: await freePort(),
      uiPort: await freePort(),
      // A workflow whose start asks for it waits for days in a moment.
      dynamicConfig: { 'frontend.WorkflowTimeSkippingEnabled': true },
    }),
  ])
  project.provide('postgresUrl', postgres.url('postgres'))
  project.provide('temporalAddress', temporal.address)
  project.provide('pythonEnv', pythonEnv)
  return async () => {
    await Promise.all([postgres.stop(), temporal.stop()])
    await rm(folder, { recursive: true, force: true })
  }
}
