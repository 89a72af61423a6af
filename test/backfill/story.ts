import { expect } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { visits, type BackfillWorld } from './world.ts'

/**
 * A backfill is paused, its worker killed in the middle of a run, resumed by another worker, which may be killed as well:
 * each partition is once in the record, and nothing comes near the limits of a history.
 */
export async function killedAndResumed(
  world: BackfillWorld,
  partitions: number,
  batches: { readonly batchSize: number; readonly runs: number },
  { withinMs, twice }: { readonly withinMs: number; readonly twice: boolean },
): Promise<void> {
  const { backfills, store, scope, row } = world
  const until = (condition: () => Promise<boolean>) => eventually(condition, withinMs)
  await world.startWorker()
  const id = await world.start([visits], 'all', batches)

  // In the middle of its runs.
  await until(async () => (await row(id)).batches.succeeded >= 1 && (await row(id)).batches.running > 0)
  await backfills.pause(await row(id))
  await world.killWorker()
  const killed = await row(id)
  expect(killed.batches.waiting).toBeGreaterThan(0)

  await world.startWorker()
  // What was under way goes on to its end; nothing else is begun.
  await until(async () => (await row(id)).status === 'paused' && (await row(id)).batches.running === 0)
  const paused = await row(id)
  expect(paused.batches.waiting).toBeGreaterThanOrEqual(killed.batches.waiting - batches.runs)
  await backfills.resume(paused)
  if (twice) {
    await until(async () => (await row(id)).batches.succeeded > paused.batches.succeeded)
    await world.killWorker()
    await world.startWorker()
  }
  await until(async () => (await row(id)).endedAt !== null)
  expect(await row(id)).toMatchObject({
    ...{ status: 'succeeded', total: partitions, counts: { materialized: partitions } },
    batches: { succeeded: Math.ceil(partitions / batches.batchSize), failed: 0, cancelled: 0, waiting: 0, running: 0 },
  })
  expect(await store.partitions.counts(scope, visits)).toMatchObject({ materialized: partitions, made: partitions })

  const told: unknown[] = []
  for (let sequence = 0; ;) {
    const events = await store.events.after(sequence, { scope, asset: visits }, 1_000)
    told.push(...events.filter(({ type }) => type === 'asset_materialized').map(({ data }) => data['partition']))
    if (events.length === 0) break
    sequence = events.at(-1)!.sequence
  }
  expect(told).toHaveLength(partitions)
  expect(new Set(told).size).toBe(partitions)

  const longest = await world.longestHistory()
  console.log(`the longest history: ${longest.events} events, ${longest.bytes} bytes, of ${longest.workflow}`)
  expect(longest.events).toBeLessThan(5_000)
  expect(longest.bytes).toBeLessThan(5_000_000)

  await world.killWorker()
  expect(await world.inWarehouse(visits)).toEqual({ partitions, rows: partitions })
}
