import { z } from '@hono/zod-openapi'
import { partitionStatuses, type AssetKey, type PartitionsSpec } from '../../contract/index.ts'
import { assetKey, failure, list, next, timestamp } from './common.ts'

/** What a partition may be in lists: `missing` if nothing was ever recorded of it. */
export const partitionStatus = z.enum(['missing', ...partitionStatuses])

const versions = z
  .custom<Readonly<Record<AssetKey, string>>>()
  .openapi({ type: 'object', additionalProperties: { type: 'string' }, description: 'The data versions it read.' })

export const partition = z
  .object({
    partition: z.string().openapi({ examples: ['2026-11-24', '2026-11-24|de'] }),
    status: partitionStatus,
    start: timestamp.nullable().openapi({ description: 'Of its window, where it has one.' }),
    end: timestamp.nullable(),
    run: z.string().nullable(),
    dataVersion: z.string().nullable(),
    codeVersion: z.string().nullable(),
    upstream: versions.nullable(),
    rows: z.number().int().nullable(),
    failedChecks: list(z.string()),
    materializedAt: timestamp.nullable(),
    durationMs: z.number().nullable(),
    failure: failure.nullable(),
  })
  .openapi('Partition')

export const partitionPage = z
  .object({
    asset: assetKey,
    definition: z.custom<PartitionsSpec>().openapi({ type: 'object', properties: { dimensions: { type: 'array' } } }),
    total: z.number().int().openapi({ description: 'Partitions that there are now.' }),
    counts: z.object({
      missing: z.number().int(),
      running: z.number().int(),
      materialized: z.number().int(),
      failed: z.number().int(),
      upstream_failed: z.number().int(),
      cancelled: z.number().int(),
    }),
    failing: z.number().int().openapi({ description: 'With a failed blocking check on what is there.' }),
    items: list(partition),
    next,
  })
  .openapi('PartitionPage')

export const partitionRanges = z
  .object({
    items: list(
      z.object({ from: z.string(), to: z.string(), partitions: z.number().int(), status: partitionStatus }),
    ).openapi({ description: 'Neighbours of one status, in order.' }),
    more: z.number().int().openapi({ description: 'Ranges that are left out.' }),
  })
  .openapi('PartitionRanges')

const outcomeStatus = z.enum(['planned', 'running', 'materialized', 'fresh', 'failed', 'upstream_failed', 'cancelled'])

export const runPartition = z
  .object({
    asset: assetKey,
    partition: z.string(),
    step: z.string(),
    status: outcomeStatus,
    attempt: z.number().int(),
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    failure: failure.nullable(),
    rows: z.number().int().nullable(),
  })
  .openapi('RunPartition')

export const runPartitionPage = z.object({ items: list(runPartition), next }).openapi('RunPartitionPage')

export const partitionHistory = z
  .object({ items: list(runPartition.extend({ run: z.string() })) })
  .openapi('PartitionHistory')

export const partitionKeys = z.object({ set: z.string(), keys: list(z.string()) }).openapi('PartitionKeys')

export const changePartitionKeys = z
  .object({ add: list(z.string()).default([]), remove: list(z.string()).default([]) })
  .openapi('ChangePartitionKeys')

export const changedPartitionKeys = z
  .object({ added: z.number().int(), removed: z.number().int() })
  .openapi('ChangedPartitionKeys')

export type Partition = z.infer<typeof partition>
export type PartitionPage = z.infer<typeof partitionPage>
export type PartitionRanges = z.infer<typeof partitionRanges>
export type RunPartitionPage = z.infer<typeof runPartitionPage>
export type PartitionHistory = z.infer<typeof partitionHistory>
export type PartitionKeys = z.infer<typeof partitionKeys>
export type ChangedPartitionKeys = z.infer<typeof changedPartitionKeys>
export { outcomeStatus }
