import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBackfillActivities } from '../../activities/backfill/index.ts'
import { manifestCache } from '../../activities/record/manifest-cache.ts'
import { createRecordActivities } from '../../activities/record/record.ts'
import {
  projectQueue,
  type AssetKey,
  type AssetOutcome,
  type AssetSpec,
  type PartitionsSpec,
  type StepInput,
  type StepOutcome,
} from '../../orchestrator/contract/index.ts'
import { createBackfills } from '../../orchestrator/launch/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { eventually } from '../../test/harness/eventually.ts'
import { temporalAddress } from '../../test/harness/temporal.ts'
import { diffOf, freshStore, manifestOf, scope as storeScope } from '../../test/store/fresh-store.ts'

const days: PartitionsSpec = {
  dimensions: [
    { type: 'time', name: 'day', every: 'day', start: '2020-01-01', end: null, timeZone: 'UTC', offsetMinutes: 0 },
  ],
}
const visits: AssetKey = 'trait/visits'
const recent: AssetKey = 'trait/recent'

let bundle: WorkflowBundle
let connection: Connection
let native: NativeConnection
beforeAll(async () => {
  const silent = () => undefined
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent }
  Runtime.install({ logger })
  bundle = await bundleWorkflowCode({ workflowsPath: join(packageRoot(), 'workflows/index.ts'), logger })
  connection = await Connection.connect({ address: temporalAddress() })
  native = await NativeConnection.connect({ address: temporalAddress() })
})
afterAll(async () => {
  await connection.close()
  await native.close()
})

/** A real record and real workflows; what would be made in a warehouse is only recorded. */
async function world() {
  const { store } = await freshStore()
  const keys = [visits, recent]
  const plain = manifestOf(keys)
  const extra: Record<string, object> = {
    [visits]: { partitions: days },
    [recent]: {
      deps: [visits],
      partitions: days,
      mappings: { [visits]: { day: { type: 'last', of: 'day', count: 2 } } },
    },
  }
  const manifest = {
    ...plain,
    asOf: '2026-01-01T00:00:00Z',
    assets: plain.assets.map((spec) => ({ ...spec, ...extra[spec.key] }) as AssetSpec),
  }
  const { number } = await store.revisions.deploy({
    ...{ scope: storeScope, manifest, manifestHash: 'h', diff: diffOf(keys), deployedBy: null },
  })
  const scope = storeScope
  const client = new Client({ connection })
  const made = new Map<string, number>()
  const failing = new Set<string>()
  const make = async (input: StepInput): Promise<StepOutcome> => {
    const key = input.step.assets[0]!.key
    const partitions = input.step.assets.map(({ partition }) => partition!)
    const good = partitions.filter((partition) => !failing.has(partition))
    const place = (partition: string) => ({ partition, position: Date.parse(partition) })
    await store.partitions.start(input, key, partitions.map(place), 1)
    await store.partitions.record(
      input,
      key,
      good.map((partition) => ({
        ...{ ...place(partition), codeVersion: 'c1', dataVersion: `v:${partition}`, upstream: {}, warehouse: 'w' },
        ...{ rows: 1, startedAt: new Date().toISOString(), durationMs: 1, failedChecks: [] },
      })),
    )
    for (const partition of good) made.set(`${key}@${partition}`, (made.get(`${key}@${partition}`) ?? 0) + 1)
    const failure = { code: 'BROKEN', message: 'it is broken', hint: 'mend it', blame: 'user' } as const
    const bad = partitions
      .filter((partition) => failing.has(partition))
      .map((partition): AssetOutcome => ({ asset: key, partition, status: 'failed', failure }))
    await store.partitions.recordOutcomes(input, input.run, bad)
    return { assets: await store.partitions.outcomes(input.run, key, partitions) }
  }
  const manifests = manifestCache(store.revisions)
  const unique = `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  const warehouseQueue = `warehouse/backfill-${unique}`
  const activities = {
    ...createRecordActivities({
      ...{ store, manifests, warehouse: () => Promise.resolve('w'), secrets: () => 'set' },
      wake: () => Promise.resolve(),
    } as Parameters<typeof createRecordActivities>[0]),
    ...createBackfillActivities({ store, manifests }),
    materializeTrait: make,
  }
  const worker = async () => {
    const common = { connection: native, namespace: 'default', workflowBundle: bundle, activities }
    const forced = { shutdownGraceTime: 0, shutdownForceTime: 1_000, stickyQueueScheduleToStartTimeout: '1s' } as const
    const workers = await Promise.all(
      [projectQueue(scope), warehouseQueue].map((taskQueue) => Worker.create({ ...common, ...forced, taskQueue })),
    )
    const running = Promise.allSettled(workers.map((each) => each.run()))
    return async () => {
      for (const each of workers) if (each.getState() === 'RUNNING') each.shutdown()
      await running
    }
  }
  const backfills = createBackfills({ client, store })
  return {
    ...{ store, made, failing, worker, backfills, scope, warehouseQueue },
    row: async (id: string) => (await store.backfills.get(id))!,
    start: (targets: readonly AssetKey[], partitions: string, batchSize: number, runs = 2) =>
      backfills.start({
        ...{ scope, revision: number, selection: targets.join(', '), targets, partitions, batchSize, runs },
        ...{ force: false, concurrency: 4, warehouseQueue },
      }),
  }
}

test('paused, its worker lost, resumed by another: each partition is made and recorded once', async () => {
  const { store, made, worker, backfills, row, start, scope } = await world()
  let stop = await worker()
  try {
    const id = await start([visits], '2025-01-01..2025-03-01', 5)
    await eventually(async () => (await row(id)).batches.succeeded >= 2)
    await backfills.pause(await row(id))
    await eventually(async () => (await row(id)).status === 'paused' && (await row(id)).batches.running === 0)
    await stop()
    const before = await row(id)
    expect(before.batches.waiting).toBeGreaterThan(0)
    stop = await worker()
    expect((await row(id)).status).toBe('paused')
    await backfills.resume(before)
    await eventually(async () => (await row(id)).batches.succeeded > before.batches.succeeded)
    await stop()
    stop = await worker()
    await eventually(async () => (await row(id)).endedAt !== null)
    expect(await row(id)).toMatchObject({ status: 'succeeded', total: 60, counts: { materialized: 60 } })
    expect(await store.partitions.counts(scope, visits)).toMatchObject({ materialized: 60, running: 0, made: 60 })
    const events = await store.events.after(0, { scope, asset: visits }, 1_000)
    const told = events.filter(({ type }) => type === 'asset_materialized').map(({ data }) => data['partition'])
    expect(told).toHaveLength(60)
    expect(new Set(told).size).toBe(60)
    expect([...made.values()].every((times) => times >= 1)).toBe(true)
  } finally {
    await stop()
  }
}, 120_000)

test('what reads other partitions begins once they are made; what failed is retried, and nothing else', async () => {
  const { store, made, failing, worker, backfills, row, start, warehouseQueue } = await world()
  const stop = await worker()
  try {
    failing.add('2025-01-03')
    const id = await start([visits, recent], '2025-01-01..2025-01-06', 3)
    await eventually(async () => (await row(id)).endedAt !== null)
    const batches = await store.backfills.batches(id, { limit: 100 })
    expect(batches.map(({ level, targets, partitions, status }) => [level, ...targets, partitions, status])).toEqual([
      [0, visits, '2025-01-01..2025-01-03', 'failed'],
      [0, visits, '2025-01-04..2025-01-06', 'succeeded'],
      [1, recent, '2025-01-01..2025-01-03', expect.any(String)],
      [1, recent, '2025-01-04..2025-01-06', expect.any(String)],
    ])
    expect(await row(id)).toMatchObject({ status: 'failed' })
    failing.clear()
    const times = new Map(made)
    await backfills.retry(await row(id), { concurrency: 4, warehouseQueue })
    await eventually(async () => (await row(id)).endedAt !== null)
    expect(times.size).toBeLessThanOrEqual(made.size)
    expect(made.get(`${visits}@2025-01-03`)).toBe(1)
    expect(made.get(`${visits}@2025-01-01`)).toBe(1)
  } finally {
    await stop()
  }
}, 120_000)
