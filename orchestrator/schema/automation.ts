import { z } from 'zod'
import {
  overlapPolicies,
  type AutomationCondition,
  type AutomationNode,
  type CodeRef,
  type CronTrigger,
  type RunRequest,
  type SensorSpec,
  type WebhookSpec,
} from '../contract/index.ts'
import { assetKeySchema, sourceLocationSchema } from './basics.ts'

export const cronTriggerSchema = z.object({
  cron: z.string(),
  timeZone: z.string().min(1),
  overlap: z.enum(overlapPolicies),
  catchUpSeconds: z.number().positive(),
}) satisfies z.ZodType<CronTrigger>

export const automationConditionSchema: z.ZodType<AutomationCondition> = z.lazy(() =>
  z.discriminatedUnion('op', [
    z.object({ op: z.enum(['and', 'or']), of: z.array(automationConditionSchema) }),
    z.object({ op: z.enum(['not', 'any_deps', 'all_deps']), of: automationConditionSchema }),
    z.object({
      op: z.enum([
        ...['eager', 'on_missing', 'on_upstream_change'],
        ...['missing', 'code_changed', 'upstream_changed', 'in_progress', 'failed', 'newly_updated'],
        ...['initial_evaluation', 'check_failed'],
      ] as const),
    }),
    z.object({ op: z.enum(['on_cron', 'cron']), trigger: cronTriggerSchema }),
    z.object({ op: z.literal('check_passed'), check: z.string().nullable() }),
    z.object({ op: z.literal('quiet_for'), minutes: z.number().positive() }),
  ]),
)

export const automationNodeSchema: z.ZodType<AutomationNode> = z.lazy(() =>
  z.object({
    condition: z.string(),
    holds: z.boolean(),
    reason: z.string(),
    asset: assetKeySchema.exactOptional(),
    of: z.array(automationNodeSchema).exactOptional(),
    more: z.int().exactOptional(),
  }),
)

const codeRefSchema = z.object({
  module: z.string(),
  export: z.string(),
  hash: z.string(),
}) satisfies z.ZodType<CodeRef>

const triggerBase = {
  name: z.string(),
  description: z.string().nullable(),
  timeoutSeconds: z.number().positive(),
  definedAt: sourceLocationSchema.nullable(),
}

export const sensorSpecSchema = z.object({
  ...triggerBase,
  everySeconds: z.number().positive(),
  code: codeRefSchema,
  resources: z.array(z.string()).exactOptional(),
}) satisfies z.ZodType<SensorSpec>

export const webhookSpecSchema = z.object({
  ...triggerBase,
  secret: z.object({ $env: z.string(), default: z.string().exactOptional() }),
  select: z.string().nullable(),
  code: codeRefSchema.nullable(),
}) satisfies z.ZodType<WebhookSpec>

/** What a record can keep: one with NUL in it would be refused each time that it is tried. */
const textOf = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !text.includes('\0'))

/** What a sensor or a webhook of a user's answered. */
const runRequestSchema = z.strictObject({
  select: textOf(2_000),
  runKey: textOf(200).exactOptional(),
  partitions: textOf(2_000).exactOptional(),
  force: z.boolean().exactOptional(),
}) satisfies z.ZodType<RunRequest>

const mostRuns = 1_000

export const runRequestsSchema = z.array(runRequestSchema).max(mostRuns)

export const sensorAnswerSchema = z.strictObject({
  cursor: z.string().max(10_000).nullable().exactOptional(),
  runs: runRequestsSchema.exactOptional(),
})
