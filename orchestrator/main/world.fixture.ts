import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { pythonBin } from '../../test/harness/python.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import type { Manifest, Scope } from '../contract/index.ts'
import type { Project } from '../define/index.ts'
import { connectTemporal, type TemporalConnection } from '../launch/index.ts'
import { compileProject, diffManifests } from '../project/index.ts'
import { migrate, type Store } from '../store/index.ts'
import { announceRevision } from './automation.ts'
import { openStore } from './records.ts'
import { runWorker } from './worker.ts'

/** A record, a connection to Temporal and a folder for a project, which go with the test. */
export interface WorkerWorld {
  readonly home: string
  /** Of the project; empty. */
  readonly dir: string
  readonly databaseUrl: string
  readonly warehouseUrl: string
  readonly store: Store
  readonly temporal: TemporalConnection
  readonly scope: Scope
  /** Compiles it for the folder, stores it as a revision, and sets its schedules and conditions going. */
  deploy(definitions: Project): Promise<{ readonly manifest: Manifest; readonly revision: number }>
  /** A worker as it is composed, once it is ready; `stop` waits for its end, which the test's end does too. */
  work(): Promise<{ stop(): Promise<void> }>
}

export async function workerWorld(): Promise<WorkerWorld> {
  const home = await tempDir()
  const dir = join(home, 'project')
  await mkdir(dir, { recursive: true })
  const database = await freshDatabase()
  await migrate(database.url)
  const store = openStore({ databaseUrl: database.url }, 'traitline test')
  const temporal = await connectTemporal({ address: temporalAddress() })
  onTestFinished(async () => {
    await temporal.close()
    await store.close()
    await database.drop()
  })
  const scope = { environment: `test-${process.pid}-${Date.now().toString(36)}`, project: 'shop' }
  const warehouseUrl = 'duckdb:shop.duckdb'
  return {
    ...{ home, dir, databaseUrl: database.url, warehouseUrl, store, temporal, scope },
    async deploy(definitions) {
      const noDbt = () => Promise.reject(new Error('there is no dbt project'))
      const { manifest, hash: manifestHash } = await compileProject({ dir, definitions, dbt: noDbt })
      const diff = diffManifests(null, manifest)
      const { number } = await store.revisions.deploy({ scope, manifest, manifestHash, diff, deployedBy: null })
      await announceRevision(temporal.client, { scope, manifest })
      return { manifest, revision: number }
    },
    async work() {
      const leaving = new AbortController()
      let ready: () => void = () => undefined
      const isReady = new Promise<void>((resolve) => (ready = resolve))
      const working = runWorker({
        ...{ scopes: [scope], databaseUrl: database.url, temporal: { address: temporalAddress() }, warehouseUrl, home },
        ...{ projectDir: () => dir, pythonEnv: inject('pythonEnv'), dbtExecutable: pythonBin('dbt'), env: {} },
        ...{ secret: () => undefined, verbose: false, buildId: null, onReady: ready, signal: leaving.signal },
      })
      const stop = async (): Promise<void> => {
        leaving.abort()
        await working
      }
      onTestFinished(stop)
      await Promise.race([isReady, working])
      return { stop }
    },
  }
}
