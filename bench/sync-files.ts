/**
 * A whole sync of 500,000 users of five columns from DuckDB to JSON-lines files: compared, frozen, spooled, rendered,
 * sent through the driver to the destination's program, written, acknowledged in the journal and merged into the ledger.
 * Beside it DuckDB's bare COPY of the same rows to one file, which records nothing. Prints one line of JSON; times in
 * milliseconds. BENCH_RECORDS says how many users, BENCH_FORMAT which format.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { createSyncActivities } from '../activities/sync/index.ts'
import { createWarehouse } from '../activities/warehouse/create-warehouse.ts'
import { resolveConnector } from '../connectors/driver/index.ts'
import { stepWorkflows, type AssetKey, type Manifest, type StepInput } from '../orchestrator/contract/index.ts'
import { benchOnDatabase, type BenchDatabase } from './parts/stack.ts'
import { makeUsers, usersManifest } from './parts/users.ts'

const users = Number(process.env['BENCH_RECORDS'] ?? 500_000)
const format = process.env['BENCH_FORMAT'] ?? 'jsonl'
const scope = { environment: 'bench', project: 'bench' }
const sync: AssetKey = 'sync/users'
const wanted = 100_000

await benchOnDatabase(measure)

async function measure({ folder, store }: BenchDatabase): Promise<object> {
  const lake = join(folder, 'lake')
  await mkdir(lake)
  const manifest: Manifest = usersManifest('mirror', {
    name: 'lake',
    connector: { type: 'builtin', name: 'files' },
    config: { folder: lake, format },
    streams: [
      {
        name: 'users',
        fields: [
          { name: 'user_id', type: 'text', required: true },
          { name: 'lifetime_value', type: 'number', required: false },
          { name: 'orders', type: 'integer', required: false },
          { name: 'tier', type: 'text', required: false },
          { name: 'repeat_buyer', type: 'boolean', required: false },
        ],
        key: ['user_id'],
        open: false,
        modes: ['mirror'],
      },
    ],
    definedAt: null,
  })
  const warehouse = createWarehouse({ url: `duckdb:${join(folder, 'bench.duckdb')}`, home: folder })
  try {
    await makeUsers(warehouse, users)
    await store.assets.register(scope, manifest.assets)
    const activities = createSyncActivities({
      warehouse,
      store,
      manifests: () => Promise.resolve(manifest),
      home: folder,
      projectDir: () => folder,
      secrets: () => undefined,
      resolveConnector: (ref, context) =>
        resolveConnector(ref, { home: folder, env: { PATH: process.env['PATH'] ?? '' }, ...context }),
      clock: () => new Date(),
      userCode: () => Promise.reject(new Error('there is none')),
    })
    let runs = 0
    const run = async (): Promise<Record<string, number>> => {
      const input = await newRun(`run-${++runs}`)
      const call = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run(work)
      const ms: Record<string, number> = {}
      const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
        const start = performance.now()
        const result = await call(work)
        ms[name] = Math.round(performance.now() - start)
        return result
      }
      const frozen = await timed('freeze', () => activities.freezeSync(input))
      await timed('send', () => activities.sendSync({ ...input, frozen }))
      await timed('settle', () => activities.settleSync({ ...input, frozen, failure: null }))
      return ms
    }
    const newRun = async (name: string, key = sync): Promise<StepInput> => {
      const reasons = [{ type: 'never_materialized' as const }]
      const step = { id: key, workflow: stepWorkflows.sync, assets: [{ key, reasons, deps: [] }], after: [] }
      await store.runs.create({ scope, run: name, revision: 1, selection: key, targets: [key], force: true })
      await store.runs.savePlan(name, { steps: [step], fresh: [] })
      return { ...scope, run: name, revision: 1, warehouseQueue: 'w', force: true, step }
    }

    for (const { key } of manifest.assets.filter(({ kind }) => kind !== 'sync')) {
      await store.assets.recordMaterialization(
        await newRun(`of ${key}`, key),
        {
          ...{ asset: key, codeVersion: 'v1', dataVersion: 'd1', upstream: {}, warehouse: await warehouse.identity() },
          ...{
            rows: users,
            startedAt: new Date().toISOString(),
            durationMs: 1,
            statistics: [],
            checks: [],
            metadata: {},
          },
        },
        null,
      )
    }
    const phases = await run()
    const total = Object.values(phases).reduce((sum, ms) => sum + ms, 0)
    const again = await run()
    const nothingNew = Object.values(again).reduce((sum, ms) => sum + ms, 0)
    const start = performance.now()
    const rows = `select user_id, lifetime_value, orders, tier, repeat_buyer from traitline_bench.user_model_user`
    await warehouse.exportJsonLines({ text: rows, parameters: [] }, join(folder, 'bare.jsonl'))
    const bareCopy = Math.round(performance.now() - start)
    const rowsPerSecond = Math.round((users / total) * 1_000)
    return {
      bench: 'sync-files',
      format,
      users,
      files: (await readdir(lake, { recursive: true })).filter((name) => name.includes('.jsonl')).length,
      ...{ phases, total, rowsPerSecond, ofWanted: +(rowsPerSecond / wanted).toFixed(2), nothingNew, bareCopy },
      ratio: +(total / bareCopy).toFixed(2),
    }
  } finally {
    await warehouse.close()
  }
}
