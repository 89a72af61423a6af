import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, onTestFinished, vi } from 'vitest'
import { createWarehouse } from '../../activities/warehouse/create-warehouse.ts'
import { warehouseQueue, type AssetKey, type Scope } from '../../orchestrator/contract/index.ts'
import { entity, hourly, partition, project, sql, trait } from '../../orchestrator/define/index.ts'
import { connectTemporal, createBackfills } from '../../orchestrator/launch/index.ts'
import { createProgram } from '../../orchestrator/main/program.ts'
import { openStore } from '../../orchestrator/main/records.ts'
import { packageRoot, startOwned, type OwnedProcess } from '../../orchestrator/process/index.ts'
import { compileProject, diffManifests } from '../../orchestrator/project/index.ts'
import { migrate, type BackfillRow } from '../../orchestrator/store/index.ts'
import { freshDatabase } from '../harness/postgres.ts'
import { pythonBin } from '../harness/python.ts'
import { tempDir } from '../harness/temp.ts'
import { temporalAddress } from '../harness/temporal.ts'
import type { WorkerConfigJson } from './worker-process.ts'

const start = '2024-01-01'
export const visits: AssetKey = 'trait/visits'

/** A trait of so many hours, with a worker that is a process of its own. */
export async function backfillWorld(hours: number) {
  const home = await tempDir()
  const [database, temporal] = [await freshDatabase(), await connectTemporal({ address: temporalAddress() })]
  await migrate(database.url)
  const store = openStore({ databaseUrl: database.url }, 'traitline test')
  const projectDir = join(home, 'project')
  await mkdir(projectDir, { recursive: true })
  const warehouse = createWarehouse({ url: 'duckdb:shop.duckdb', home })

  const customer = entity('customer', { key: 'customer_id', type: 'text' })
  const partitions = hourly({ start })
  const perHour = trait.continuous('visits', {
    ...{ of: customer, partitions },
    from: sql`select ${partition.key} as customer_id, 1 as value`,
  })
  const definitions = project('hours', {
    asOf: new Date(Date.parse(start) + hours * 3_600_000).toISOString(),
    assets: [perHour],
  })
  const none = () => Promise.reject(new Error('there is no dbt project'))
  const { manifest, hash: manifestHash } = await compileProject({ dir: projectDir, definitions, dbt: none })
  const scope: Scope = { environment: `test-${process.pid}-${Date.now().toString(36)}`, project: 'hours' }
  const diff = diffManifests(null, manifest)
  const { number: revision } = await store.revisions.deploy({ scope, manifest, manifestHash, diff, deployedBy: null })

  let worker: OwnedProcess | null = null
  const world = {
    ...{ scope, store, client: temporal.client, warehouse },
    backfills: createBackfills({ client: temporal.client, store }),

    start: (targets: readonly AssetKey[], partitions: string, options: { batchSize: number; runs: number }) =>
      world.backfills.start({
        ...{ scope, revision, selection: targets.join(', '), targets, partitions, ...options },
        ...{ force: false, concurrency: 8, warehouseQueue: warehouseQueue(warehouse.id, scope) },
      }),

    row: async (id: string): Promise<BackfillRow> => (await store.backfills.get(id))!,

    async startWorker(): Promise<void> {
      const config: WorkerConfigJson = {
        ...{ scopes: [scope], databaseUrl: database.url, temporal: { address: temporalAddress() } },
        ...{ warehouseUrl: 'duckdb:shop.duckdb', home, projectDir, pythonEnv: inject('pythonEnv') },
        ...{ dbtExecutable: pythonBin('dbt'), env: {}, buildId: null, verbose: false },
      }
      let ready: () => void = () => undefined
      const isReady = new Promise<void>((resolve) => (ready = resolve))
      const errors: string[] = []
      const jiti = join(packageRoot(), 'node_modules/jiti/lib/jiti-cli.mjs')
      const script = join(packageRoot(), 'test/backfill/worker-process.ts')
      const child = await startOwned(process.execPath, [jiti, script, JSON.stringify(config)], {
        onStdoutLine: (line) => line === 'ready' && ready(),
        onStderrLine: (line) => errors.push(line),
      })
      worker = child
      const ended = child.done.then(() => Promise.reject(new Error(`the worker has ended:\n${errors.join('\n')}`)))
      await Promise.race([isReady, ended])
      ended.catch(() => undefined)
    },

    /** As the kernel would: nothing is cleaned up. */
    async killWorker(): Promise<void> {
      if (worker === null) return
      const { pid, done } = worker
      worker = null
      process.kill(pid, 'SIGKILL')
      await done.catch(() => undefined)
    },

    /** What a command prints with --json. */
    async traitline<T>(...words: string[]): Promise<T> {
      const printed: string[] = []
      const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
      try {
        await createProgram({
          ...{ DATABASE_URL: database.url, TEMPORAL_ADDRESS: temporalAddress(), TRAITLINE_HOME: home },
          ...{ TRAITLINE_ENVIRONMENT: scope.environment, TRAITLINE_WAREHOUSE: 'duckdb:shop.duckdb' },
        }).parseAsync([...words, '--json'], { from: 'user' })
      } finally {
        out.mockRestore()
      }
      return JSON.parse(printed.join('')) as T
    },

    /** How many partitions of an asset are in the warehouse, and how many rows. */
    async inWarehouse(asset: AssetKey): Promise<unknown> {
      const table = `traitline_hours.${asset.replace('/', '_')}__rows`
      const text = `select count(distinct traitline_partition)::integer as partitions, count(*)::integer as rows from ${table}`
      return (await warehouse.query({ text, parameters: [] }))[0]
    },

    /** The longest history of any of the scope's workflows, and the most children that one started. */
    async longestHistory(): Promise<{ readonly workflow: string; readonly events: number; readonly bytes: number }> {
      let longest = { workflow: '', events: 0, bytes: 0 }
      const query = `WorkflowId STARTS_WITH '${scope.environment}/${scope.project}/'`
      for await (const { workflowId, historyLength, historySize } of world.client.workflow.list({ query })) {
        if (historyLength <= longest.events) continue
        longest = { workflow: workflowId, events: historyLength, bytes: historySize ?? 0 }
      }
      return longest
    },
  }
  onTestFinished(async () => {
    await world.killWorker()
    await temporal.close()
    await warehouse.close()
    await store.close()
    await database.drop()
  })
  return world
}

export type BackfillWorld = Awaited<ReturnType<typeof backfillWorld>>
