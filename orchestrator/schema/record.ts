import { z } from 'zod'
import {
  eventTypes,
  type AssetOutcome,
  type ColumnStatistics,
  type ManifestDiff,
  type Materialization,
  type RunStatus,
  type TraitlineEvent,
} from '../contract/index.ts'
import { assetKeySchema, failureSchema, jsonObjectSchema } from './basics.ts'
import { checkResultSchema } from './check.ts'

export const runStatusSchema = z.enum([
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
]) satisfies z.ZodType<RunStatus>

export const columnStatisticsSchema = z.object({
  column: z.string(),
  count: z.number(),
  nulls: z.number(),
  distinct: z.number(),
  numeric: z
    .object({
      min: z.number(),
      mean: z.number(),
      max: z.number(),
      stddev: z.number(),
      quantiles: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]),
      histogram: z.array(z.object({ from: z.number(), to: z.number(), count: z.number() })),
    })
    .nullable(),
  categories: z.array(z.object({ value: z.string(), count: z.number() })).nullable(),
}) satisfies z.ZodType<ColumnStatistics>

export const materializationSchema = z.object({
  asset: assetKeySchema,
  codeVersion: z.string(),
  dataVersion: z.string(),
  upstream: z.record(assetKeySchema, z.string()),
  warehouse: z.string(),
  rows: z.number().nullable(),
  startedAt: z.string(),
  durationMs: z.number(),
  statistics: z.array(columnStatisticsSchema),
  checks: z.array(checkResultSchema),
  metadata: jsonObjectSchema,
}) satisfies z.ZodType<Materialization>

export const assetOutcomeSchema = z.discriminatedUnion('status', [
  z.object({
    asset: assetKeySchema,
    status: z.literal('materialized'),
    dataVersion: z.string(),
    rows: z.number().nullable(),
    durationMs: z.number(),
    failedChecks: z.array(z.string()),
    summary: z.string().nullable(),
    partition: z.string().exactOptional(),
  }),
  z.object({ asset: assetKeySchema, status: z.literal('fresh'), partition: z.string().exactOptional() }),
  z.object({
    asset: assetKeySchema,
    status: z.literal('failed'),
    failure: failureSchema,
    partition: z.string().exactOptional(),
  }),
  z.object({
    asset: assetKeySchema,
    status: z.literal('upstream_failed'),
    upstream: assetKeySchema,
    reason: z.string(),
    partition: z.string().exactOptional(),
  }),
  z.object({ asset: assetKeySchema, status: z.literal('cancelled'), partition: z.string().exactOptional() }),
]) satisfies z.ZodType<AssetOutcome>

export const eventSchema = z.object({
  sequence: z.number(),
  at: z.string(),
  project: z.string(),
  environment: z.string(),
  run: z.string().nullable(),
  asset: assetKeySchema.nullable(),
  type: z.enum(eventTypes),
  data: jsonObjectSchema,
}) satisfies z.ZodType<TraitlineEvent>

export const manifestDiffSchema = z.object({
  added: z.array(assetKeySchema),
  renamed: z.array(z.object({ from: assetKeySchema, to: assetKeySchema })).exactOptional(),
  removed: z.array(assetKeySchema),
  changed: z.array(assetKeySchema),
  described: z.array(assetKeySchema),
  settings: z.array(z.string()),
}) satisfies z.ZodType<ManifestDiff>
