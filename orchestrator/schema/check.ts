import { z } from 'zod'
import type { CheckResult, CheckSpec, CheckTest, FreshnessPolicy } from '../contract/index.ts'
import { jsonObjectSchema, sqlTemplateSchema } from './basics.ts'

const number = z.number().nullable()
const positive = z.number().positive()
const share = z.number().min(0)
const column = z.string().min(1)

export const checkTestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sql'), sql: sqlTemplateSchema }),
  z.object({ type: z.literal('sql_value'), sql: sqlTemplateSchema, min: number, max: number }),
  z.object({
    type: z.literal('typescript'),
    code: z.object({ module: z.string().min(1), export: z.string().min(1), hash: z.string() }),
    resources: z.array(z.string()).exactOptional(),
  }),
  z.object({ type: z.literal('row_count'), min: number, max: number }),
  z.object({ type: z.literal('row_count_change'), maxDrop: share.nullable(), maxGrowth: share.nullable() }),
  z.object({ type: z.literal('unique'), columns: z.array(column).min(1) }),
  z.object({ type: z.literal('not_null'), column, maxShare: share }),
  z.object({ type: z.literal('accepted_range'), column, min: number, max: number }),
  z.object({
    type: z.literal('accepted_values'),
    column,
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  }),
  z.object({ type: z.literal('freshness'), column, maxAgeMinutes: positive }),
  z.object({
    type: z.literal('drift'),
    column,
    threshold: positive,
    bins: z.int().min(2).max(100),
    minRows: z.int().min(0),
  }),
  z.object({ type: z.literal('delivered'), maxLostShare: share }),
]) satisfies z.ZodType<CheckTest>

export const checkSeveritySchema = z.enum(['warn', 'error'])

export const checkSpecSchema = z.object({
  name: z.string().min(1),
  description: z.string().nullable(),
  severity: checkSeveritySchema,
  blocking: z.boolean(),
  test: checkTestSchema,
}) satisfies z.ZodType<CheckSpec>

export const checkResultSchema = z.object({
  name: z.string(),
  severity: checkSeveritySchema,
  passed: z.boolean(),
  failures: z.number().nullable(),
  message: z.string().nullable(),
  blocking: z.boolean().exactOptional(),
  metadata: jsonObjectSchema.exactOptional(),
  reference: jsonObjectSchema.exactOptional(),
}) satisfies z.ZodType<CheckResult>

const since = z.enum(['success', 'materialization', 'change'])

export const freshnessPolicySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('age'), since, warnAfterMinutes: positive.nullable(), failAfterMinutes: positive }),
  z.object({
    type: z.literal('deadline'),
    since,
    cron: z.string().min(1),
    timeZone: z.string().min(1),
    windowMinutes: positive.nullable(),
    warnBeforeMinutes: positive.nullable(),
  }),
]) satisfies z.ZodType<FreshnessPolicy>
