import { expect, test } from 'vitest'
import type { BackfillRow } from '../../orchestrator/store/index.ts'
import { eventually } from '../harness/eventually.ts'
import { backfillWorld, visits } from './world.ts'

test('every command of a backfill prints what it is now, as the API answers', async () => {
  const { traitline, startWorker, row } = await backfillWorld(40)
  const what = [visits, '--partitions', 'all', '--batch', '10', '--runs', '1', '--no-wait']
  const { backfill: id } = await traitline<{ backfill: string }>('backfill', ...what)
  // No worker is there yet.
  await traitline('backfill', 'pause', id)
  await startWorker()
  await eventually(async () => (await row(id)).status === 'paused')
  expect(await traitline('backfill', 'show', id)).toMatchObject({
    backfill: id,
    status: 'paused',
    batchSize: 10,
    runs: 1,
  })
  await traitline('backfill', 'resume', id)
  await eventually(async () => (await row(id)).batches.succeeded >= 1)
  await traitline('backfill', 'cancel', id)
  await eventually(async () => (await row(id)).endedAt !== null)
  const cancelled = await traitline<BackfillRow>('backfill', 'show', id)
  expect(cancelled).toEqual(await row(id))
  expect(cancelled.counts.materialized).toBeGreaterThanOrEqual(10)
  expect(await traitline('backfill', 'retry', id)).toMatchObject({
    status: 'running',
    batches: { retried: expect.any(Number) as number },
  })
  await eventually(async () => (await row(id)).endedAt !== null)
  expect(await traitline('backfill', 'list')).toMatchObject({
    items: [{ backfill: id, status: 'succeeded', total: 40, counts: { materialized: 40 } }],
  })
  expect(await traitline('backfill', visits, '--partitions', '2024-01-01')).toMatchObject({
    ...{ status: 'succeeded', total: 24, counts: { fresh: 24 } },
  })
  await expect(traitline('backfill', visits, '--partitions', '2024-01-02..2024-01-01')).rejects.toMatchObject({
    code: 'PARTITION_RANGE_BACKWARDS',
  })
}, 120_000)
