import { z } from '@hono/zod-openapi'
import { backfillStatuses } from '../../contract/index.ts'
import { assetKey, failure, list, timestamp } from './common.ts'

const batchStatus = z.enum(['waiting', 'running', 'succeeded', 'failed', 'cancelled', 'retried'])

export const backfill = z
  .object({
    environment: z.string(),
    project: z.string(),
    backfill: z.string(),
    revision: z.number().int(),
    selection: z.string(),
    partitions: z.string(),
    targets: list(assetKey),
    force: z.boolean(),
    batchSize: z.number().int().openapi({ description: 'Partitions a run, of each asset.' }),
    runs: z.number().int().openapi({ description: 'Runs under way at once.' }),
    status: z.enum(backfillStatuses),
    createdAt: timestamp,
    endedAt: timestamp.nullable(),
    failure: failure.nullable(),
    batches: z
      .object({
        waiting: z.number().int(),
        running: z.number().int(),
        succeeded: z.number().int(),
        failed: z.number().int(),
        cancelled: z.number().int(),
        retried: z.number().int(),
      })
      .readonly(),
    total: z.number().int().openapi({ description: 'Partitions of all its assets.' }),
    counts: z
      .object({
        materialized: z.number().int(),
        fresh: z.number().int(),
        failed: z.number().int(),
        upstream_failed: z.number().int(),
        cancelled: z.number().int(),
      })
      .partial()
      .readonly()
      .openapi({ description: 'Partitions by outcome so far.' }),
  })
  .openapi('Backfill')

export const backfillList = z.object({ items: list(backfill) }).openapi('BackfillList')

export const backfillBatch = z
  .object({
    batch: z.number().int(),
    level: z.number().int().openapi({ description: 'Begins once all batches of lower levels have ended.' }),
    targets: list(assetKey),
    partitions: z.string().nullable(),
    size: z.number().int(),
    status: batchStatus,
    run: z.string().nullable(),
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
  })
  .openapi('BackfillBatch')

export const backfillBatches = z
  .object({ items: list(backfillBatch), next: z.number().int().nullable() })
  .openapi('BackfillBatches')

export const startBackfill = z
  .object({
    selection: z.string().min(1).max(2000),
    partitions: z
      .string()
      .min(1)
      .max(20_000)
      .openapi({ examples: ['2026-01-01..2026-12-31', 'missing'] }),
    force: z.boolean().default(false),
    batchSize: z.number().int().min(1).max(1000).default(100),
    runs: z.number().int().min(1).max(50).default(2),
  })
  .openapi('StartBackfill')

export type Backfill = z.infer<typeof backfill>
export type BackfillList = z.infer<typeof backfillList>
export type BackfillBatches = z.infer<typeof backfillBatches>
export { batchStatus }
