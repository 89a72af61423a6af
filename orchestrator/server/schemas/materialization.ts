import { z } from '@hono/zod-openapi'
import type { AssetKey, JsonObject } from '../../contract/index.ts'
import { assetKey, list, next, timestamp } from './common.ts'

export const check = z
  .object({
    name: z.string(),
    severity: z.enum(['warn', 'error']),
    passed: z.boolean(),
    failures: z.number().int().nullable().openapi({ description: 'Rows that failed it, where it counts them.' }),
    message: z.string().nullable(),
    blocking: z.boolean().optional().openapi({ description: 'Failed, it stops what is downstream.' }),
    metadata: z.custom<JsonObject>().optional().openapi({
      type: 'object',
      additionalProperties: true,
      description: 'What was measured and held against what: value, threshold, share.',
    }),
  })
  .openapi('Check')

const bucket = z.object({ from: z.number(), to: z.number(), count: z.number().int() })

export const columnStatistics = z
  .object({
    column: z.string(),
    count: z.number().int(),
    nulls: z.number().int(),
    distinct: z.number().int(),
    numeric: z
      .object({
        min: z.number(),
        mean: z.number(),
        max: z.number(),
        stddev: z.number(),
        quantiles: z
          .tuple([z.number(), z.number(), z.number(), z.number(), z.number()])
          .readonly()
          .openapi({ description: 'At 5, 25, 50, 75 and 95 %.' }),
        histogram: list(bucket),
      })
      .nullable(),
    categories: list(z.object({ value: z.string(), count: z.number().int() })).nullable(),
  })
  .openapi('ColumnStatistics')

export const materialization = z
  .object({
    id: z.string(),
    run: z.string(),
    revision: z.number().int(),
    asset: assetKey,
    codeVersion: z.string(),
    dataVersion: z.string(),
    upstream: z
      .custom<Readonly<Record<AssetKey, string>>>()
      .openapi({ type: 'object', additionalProperties: { type: 'string' }, description: 'The data versions it read.' }),
    warehouse: z.string(),
    rows: z.number().int().nullable(),
    startedAt: timestamp,
    endedAt: timestamp,
    durationMs: z.number(),
    statistics: list(columnStatistics),
    checks: list(check),
    metadata: z.custom<JsonObject>().openapi({ type: 'object', additionalProperties: true }),
  })
  .openapi('Materialization')

export const materializationPage = z.object({ items: list(materialization), next }).openapi('MaterializationPage')

export const checkResult = check
  .extend({
    asset: assetKey,
    partition: z.string().optional().openapi({ description: 'Absent where the asset was looked at as a whole.' }),
    run: z.string(),
    at: timestamp,
  })
  .openapi('CheckResult')

export const checkList = z.object({ items: list(checkResult) }).openapi('CheckList')

const counts = z.object({
  desired: z.number().int(),
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
  unchanged: z.number().int(),
  invalid: z.number().int().openapi({ description: 'Left out before sending: null and duplicate keys.' }),
  withheld: z.number().int().optional().openapi({ description: 'Left out for want of consent.' }),
  waiting: z.number().int().optional().openapi({ description: 'Rejected before, and not tried again yet.' }),
  left: z.number().int().optional().openapi({ description: 'Not part of this run, which sent only some.' }),
  removalsWaiting: z.number().int().optional().openapi({ description: 'The same, of rows to be removed.' }),
  removalsLeft: z.number().int().optional().openapi({ description: 'The same, of rows to be removed.' }),
  retried: z.number().int().optional().openapi({ description: 'Of those that were sent: rejected before.' }),
})

export const syncRun = z
  .object({
    syncRun: z.string(),
    run: z.string(),
    resumedBy: z.string().nullable().openapi({ description: 'The latest run that went on with what `run` left.' }),
    warehouse: z.string().nullable(),
    target: z.string().nullable().openapi({ description: 'Tells where its rows went from other places.' }),
    sync: assetKey,
    status: z.enum(['frozen', 'sending', 'settled', 'failed', 'superseded']),
    mode: z.string(),
    batches: z.number().int(),
    planned: counts,
    sent: z.number().int(),
    accepted: z.number().int(),
    skipped: z.number().int(),
    rejected: z.number().int(),
    unknown: z.number().int(),
    startedAt: timestamp,
    endedAt: timestamp.nullable(),
    waiting: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Rejected rows that it left, of this and earlier runs.' }),
    traffic: z.object({
      requests: z.number().int(),
      throttled: z.number().int().openapi({ description: 'Refused for their rate.' }),
      retried: z.number().int(),
      bytes: z.number().int(),
    }),
    freezeMs: z.number().nullable(),
    sendMs: z.number().nullable(),
    settleMs: z.number().nullable(),
    degraded: list(z.string()).openapi({ description: 'What is not right with it although it succeeded.' }),
  })
  .openapi('SyncRun')

export const resendRequested = z
  .object({
    sync: assetKey,
    rows: z.number().int().openapi({ description: 'Rows of unknown outcome in the record, at most.' }),
  })
  .openapi('ResendRequested')

export const syncRunList = z.object({ items: list(syncRun) }).openapi('SyncRunList')

export type ColumnStatistics = z.infer<typeof columnStatistics>
export type Materialization = z.infer<typeof materialization>
export type MaterializationPage = z.infer<typeof materializationPage>
export type CheckResult = z.infer<typeof checkResult>
export type CheckList = z.infer<typeof checkList>
export type SyncRun = z.infer<typeof syncRun>
export type SyncRunList = z.infer<typeof syncRunList>
export type ResendRequested = z.infer<typeof resendRequested>
