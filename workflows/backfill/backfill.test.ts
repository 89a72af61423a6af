import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBackfillActivities } from '../../activities/backfill/index.ts'
import { createLaunchActivities } from '../../activities/launch/await-step.ts'
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
import { untilCancelled } from '../../test/workflows/stub-activities.ts'
import { diffOf, freshStore, manifestOf, scope as storeScope } from '../../test/store/fresh-store.ts'

const days: PartitionsSpec = {
  dimensions: [
    { type: 'time', name: 'day', every: 'day', start: '2020-01-01', end: null, timeZone: 'UTC', offsetMinutes: 0 },
  ],
}
const visits: AssetKey = 'trait/visits'
const recent: AssetKey = 'trait/recent'
const shopVisits: AssetKey = 'trait/shop_visits'
const shops: PartitionsSpec = { dimensions: [{ type: 'dynamic', name: 'shops', set: 'shops' }] }

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
  const keys = [visits, recent, shopVisits]
  const plain = manifestOf(keys)
  const extra: Record<string, object> = {
    [visits]: { partitions: days },
    [shopVisits]: { partitions: shops },
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
  /** In how many runs each was made. */
  const made = new Map<string, number>()
  const recorded = new Set<string>()
  const failing = new Set<string>()
  const hanging = new Set<string>()
  const make = async (input: StepInput): Promise<StepOutcome> => {
    const key = input.step.assets[0]!.key
    const partitions = input.step.assets.map(({ partition }) => partition!)
    if (partitions.some((partition) => hanging.has(partition))) await untilCancelled()
    const good = partitions.filter((partition) => !failing.has(partition))
    const place = (partition: string) => ({ partition, position: Date.parse(partition) || 0 })
    await store.partitions.start(input, key, partitions.map(place), 1)
    await store.partitions.record(
      input,
      key,
      good.map((partition) => ({
        ...{ ...place(partition), codeVersion: 'c1', dataVersion: `v:${partition}`, upstream: {}, warehouse: 'w' },
        ...{ rows: 1, startedAt: new Date().toISOString(), durationMs: 1, failedChecks: [] },
      })),
    )
    for (const id of good.map((partition) => `${key}@${partition}`)) {
      // An attempt of which the answer was lost is made again, and recorded once.
      if (!recorded.has(`${input.run} ${id}`)) made.set(id, (made.get(id) ?? 0) + 1)
      recorded.add(`${input.run} ${id}`)
    }
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
    ...createLaunchActivities({ client }),
    materializeTrait: make,
  }
  const worker = async () => {
    const common = { connection: native, namespace: 'default', workflowBundle: bundle, activities }
    const forced = { shutdownGraceTime: 0, shutdownForceTime: 1_000, stickyQueueScheduleToStartTimeout: '1s' } as const
    const beats = { maxHeartbeatThrottleInterval: '1s', defaultHeartbeatThrottleInterval: '500ms' } as const
    const workers = await Promise.all(
      [projectQueue(scope), warehouseQueue].map((taskQueue) =>
        Worker.create({ ...common, ...forced, ...beats, taskQueue }),
      ),
    )
    const running = Promise.allSettled(workers.map((each) => each.run()))
    return async () => {
      for (const each of workers) if (each.getState() === 'RUNNING') each.shutdown()
      await running
    }
  }
  const backfills = createBackfills({ client, store })
  return {
    ...{ store, made, failing, hanging, worker, backfills, scope, warehouseQueue },
    row: async (id: string) => (await store.backfills.get(id))!,
    start: async (targets: readonly AssetKey[], partitions: string, batchSize: number, runs = 2, paused = false) => {
      const id = await backfills.start({
        ...{ scope, revision: number, selection: targets.join(', '), targets, partitions, batchSize, runs },
        ...{ force: false, concurrency: 4, warehouseQueue },
      })
      if (paused) await backfills.pause((await store.backfills.get(id))!)
      return id
    },
  }
}

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
    const again = (await store.backfills.batches(id, { limit: 100 })).slice(batches.length)
    expect(again.map(({ level, targets, partitions, status }) => [level, ...targets, partitions, status])).toEqual([
      [0, visits, '2025-01-03', 'succeeded'],
      ...[1, 1].slice(0, again.length - 1).map(() => [1, recent, expect.any(String), expect.any(String)]),
    ])
    expect(await row(id)).toMatchObject({ status: 'succeeded', total: 12, counts: { materialized: 12 } })
    for (const [partition, count] of times) expect([partition, made.get(partition)]).toEqual([partition, count])
    expect(made.get(`${visits}@2025-01-03`)).toBe(1)
    expect(made.get(`${visits}@2025-01-01`)).toBe(1)
  } finally {
    await stop()
  }
}, 120_000)

test('what selects nothing ends at once, and a range that is none is refused before anything runs', async () => {
  const { worker, row, start, store } = await world()
  const stop = await worker()
  try {
    const first = await start([visits], '2025-12-30..', 5)
    await eventually(async () => (await row(first)).endedAt !== null)
    const none = await start([visits], 'failed', 5)
    await eventually(async () => (await row(none)).endedAt !== null)
    expect(await row(none)).toMatchObject({ status: 'succeeded', total: 0, counts: {} })
    const backwards = await start([visits], '2025-03-01..2025-01-01', 5)
    await eventually(async () => (await row(backwards)).endedAt !== null)
    expect(await row(backwards)).toMatchObject({
      ...{ status: 'failed', total: 0 },
      failure: { code: 'PARTITION_RANGE_BACKWARDS', hint: expect.stringContaining('2025-01-01..2025-03-01') as string },
    })
    expect(await store.backfills.batches(backwards, { limit: 10 })).toEqual([])
  } finally {
    await stop()
  }
}, 120_000)

test('two backfills of the same partitions at once both end, and each partition is there', async () => {
  const { made, worker, row, start, store, scope } = await world()
  const stop = await worker()
  try {
    const both = await Promise.all([
      start([visits], '2025-01-01..2025-01-30', 5),
      start([visits], '2025-01-10..2025-02-10', 7),
    ])
    for (const id of both) await eventually(async () => (await row(id)).endedAt !== null, 60_000)
    for (const [id, total] of [[both[0], 30] as const, [both[1], 32] as const]) {
      const { status, counts } = await row(id)
      expect([status, (counts.materialized ?? 0) + (counts.fresh ?? 0)]).toEqual(['succeeded', total])
    }
    expect(made.size).toBe(41)
    // At the same instant both may make one, the second in the place of the first; later it is fresh.
    expect(Math.max(...made.values())).toBeLessThanOrEqual(2)
    expect(await store.partitions.counts(scope, visits)).toMatchObject({ materialized: 41, made: 41, running: 0 })
  } finally {
    await stop()
  }
}, 120_000)

test('cancelled while runs are under way, it and they end within seconds; what was made stays', async () => {
  const { hanging, worker, backfills, row, start, store, scope, warehouseQueue } = await world()
  const stop = await worker()
  try {
    hanging.add('2025-01-02').add('2025-01-08')
    const id = await start([visits], '2025-01-01..2025-01-20', 5)
    await eventually(async () => (await store.partitions.counts(scope, visits)).materialized >= 5)
    await eventually(async () => (await row(id)).batches.running === 2)
    const asked = Date.now()
    await backfills.cancel(await row(id))
    await eventually(async () => (await row(id)).endedAt !== null)
    expect(Date.now() - asked).toBeLessThan(10_000)
    expect(await row(id)).toMatchObject({ status: 'cancelled', batches: { running: 0, waiting: 0 } })
    const counts = await store.partitions.counts(scope, visits)
    expect(counts).toMatchObject({ running: 0 })
    expect(counts.made).toBeGreaterThanOrEqual(5)

    hanging.clear()
    await backfills.retry(await row(id), { concurrency: 4, warehouseQueue })
    await eventually(async () => (await row(id)).endedAt !== null)
    expect(await row(id)).toMatchObject({ status: 'succeeded', total: 20 })
    expect(await store.partitions.counts(scope, visits)).toMatchObject({ materialized: 20, made: 20 })
  } finally {
    await stop()
  }
}, 120_000)

test('a key that is removed before its batch runs fails that batch, by name, and no other', async () => {
  const { worker, row, start, store, scope, backfills, warehouseQueue } = await world()
  await store.partitions.addKeys(scope, 'shops', ['a', 'b', 'c', 'd'])
  let stop = await worker()
  try {
    const id = await start([shopVisits], 'all', 2, 1, true)
    await eventually(async () => (await row(id)).status === 'paused')
    await store.partitions.removeKeys(scope, 'shops', ['d'])
    await stop()
    stop = await worker()
    await backfills.resume(await row(id))
    await eventually(async () => (await row(id)).endedAt !== null)
    expect(await row(id)).toMatchObject({ status: 'failed', batches: { succeeded: 1, failed: 1 } })
    const [, failed] = await store.backfills.batches(id, { limit: 10 })
    expect(await store.runs.get(failed!.run!)).toMatchObject({
      ...{ status: 'failed', failure: { code: 'PARTITION_UNKNOWN', message: `${shopVisits} has no partition d` } },
    })
    await store.partitions.addKeys(scope, 'shops', ['d'])
    await backfills.retry(await row(id), { concurrency: 4, warehouseQueue })
    await eventually(async () => (await row(id)).endedAt !== null)
    expect(await row(id)).toMatchObject({ status: 'succeeded', total: 4, counts: { materialized: 4 } })
  } finally {
    await stop()
  }
}, 120_000)
