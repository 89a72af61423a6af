import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, type WorkflowBundle } from '@temporalio/worker'
import { startPostgres } from '../../orchestrator/main/stack/postgres.ts'
import { startTemporal } from '../../orchestrator/main/stack/temporal.ts'
import { freePort, packageRoot } from '../../orchestrator/process/index.ts'
import { createStore, migrate, type Store } from '../../orchestrator/store/index.ts'

/** A PostgreSQL of its own with the newest schema. */
export interface BenchDatabase {
  /** Goes with it. */
  readonly folder: string
  readonly url: string
  readonly store: Store
}

/** With a Temporal beside it. */
export interface BenchStack extends BenchDatabase {
  readonly address: string
  readonly client: Client
  readonly native: NativeConnection
}

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** Prints what the work measured as one line of JSON. */
export function benchOnDatabase(work: (database: BenchDatabase) => Promise<object>): Promise<void> {
  return onDatabase(async (database) => {
    process.stdout.write(`${JSON.stringify(await work(database))}\n`)
  })
}

export function benchOnStack(work: (stack: BenchStack) => Promise<object>): Promise<void> {
  return benchOnDatabase(async (database) => {
    const temporal = await startTemporal({
      executable: join(process.env['TRAITLINE_PYTHON_ENV'] ?? join(packageRoot(), '.traitline/python'), 'bin/temporal'),
      folder: join(database.folder, 'temporal'),
      port: await freePort(),
      uiPort: await freePort(),
    })
    try {
      Runtime.install({ logger: quiet })
      const { address } = temporal
      const connection = await Connection.connect({ address })
      const native = await NativeConnection.connect({ address })
      try {
        return await work({ ...database, address, client: new Client({ connection }), native })
      } finally {
        await native.close()
        await connection.close()
      }
    } finally {
      await temporal.stop()
    }
  })
}

export function bundleOf(path: string): Promise<WorkflowBundle> {
  return bundleWorkflowCode({ workflowsPath: join(packageRoot(), path), logger: quiet })
}

async function onDatabase(work: (database: BenchDatabase) => Promise<void>): Promise<void> {
  const folder = await mkdtemp('/var/tmp/traitline-bench-')
  await chmod(folder, 0o711)
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: await freePort() })
  try {
    await postgres.ensureDatabase('bench')
    const url = postgres.url('bench')
    await migrate(url)
    const store = createStore({ url })
    try {
      await work({ folder, url, store })
    } finally {
      await store.close()
    }
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
