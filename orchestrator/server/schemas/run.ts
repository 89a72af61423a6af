import { z } from '@hono/zod-openapi'
import type { EventType, JsonObject } from '../../contract/index.ts'
import { eventTypes, isRunTag, mostRunTags, runStatuses, runTagRule } from '../../contract/index.ts'
import { assetKey, failure, jsonValue, list, next, partitionsAsked, timestamp } from './common.ts'
import { waitingLease } from './pool.ts'

export const runStatus = z.enum(runStatuses)

const runFields = {
  environment: z.string(),
  project: z.string(),
  run: z.string(),
  revision: z.number().int(),
  selection: z.string(),
  targets: z.number().int().openapi({ description: 'How many assets were selected.' }),
  force: z.boolean(),
  status: runStatus,
  queuedAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
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
    .openapi({ description: 'Assets by outcome so far.' }),
  failure: failure.nullable(),
  tags: z.record(z.string(), z.string()).readonly(),
  priority: z.number().int().nullable().openapi({ description: 'From 1, which goes first, to 5; null for 3.' }),
  parent: z.string().nullable().openapi({ description: 'The run that this one does again.' }),
  partitions: partitionsAsked,
  config: z
    .record(z.string(), z.record(z.string(), jsonValue))
    .readonly()
    .nullable()
    .openapi({ description: 'Parameters of notebooks in this run, by asset; null for those of their definitions.' }),
}

export const run = z.object(runFields).openapi('Run')

export const runPage = z.object({ items: list(run), next }).openapi('RunPage')

export const runAsset = z
  .object({
    asset: assetKey,
    step: z.string(),
    status: z.enum(['planned', 'running', 'materialized', 'fresh', 'failed', 'upstream_failed', 'cancelled']),
    reasons: list(z.object({ type: z.string(), upstream: assetKey.optional() })),
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    attempt: z.number().int(),
    failure: failure.nullable(),
    summary: z.string().nullable(),
    rows: z.number().int().nullable(),
    partitions: z.number().int().nullable().openapi({ description: 'How many of them; null for an asset without.' }),
  })
  .openapi('RunAsset')

export const runDetail = z
  .object({
    ...runFields,
    assets: list(runAsset),
    logs: list(z.string()).openapi({ description: 'Steps that have a log.' }),
    waiting: list(waitingLease).openapi({
      description: 'What waits for a slot, and for which: the run itself while it is queued, or steps of it.',
    }),
    workflowId: z.string(),
    workflowUrl: z.string().nullable().openapi({ description: 'The run’s page in Temporal’s own UI.' }),
  })
  .openapi('RunDetail')

const runTags = z
  .record(z.string(), z.string())
  .refine((tags) => Object.entries(tags).every(([key, value]) => isRunTag(key, value)), { error: runTagRule })
  .refine((tags) => Object.keys(tags).length <= mostRunTags, { error: `at most ${mostRunTags} tags` })
  .openapi({ description: 'Free marks, such as { "team": "growth" }: to filter by, and to limit queues by.' })

const runConfig = z.record(assetKey, z.record(z.string(), jsonValue)).openapi({
  description:
    'Parameters of notebooks for this run, by asset, in the place of their definitions’. No place for secrets.',
  examples: [{ 'notebook/churn': { horizon_days: 60 } }],
})

export const startRun = z
  .object({
    selection: z
      .string()
      .min(1)
      .max(2000)
      .openapi({ examples: ['+audience/at_risk'] }),
    partitions: z
      .string()
      .min(1)
      .max(20_000)
      .optional()
      .openapi({
        description:
          'Of assets that have partitions, which: a key, a range `a..b`, a list, `latest`, `missing`, `failed` or `all`; the latest unless told.',
        examples: ['2026-01-01..2026-01-31', 'missing'],
      }),
    force: z.boolean().default(false).openapi({ description: 'Materialise what is fresh too.' }),
    config: runConfig.optional(),
    tags: runTags.default({}),
    priority: z.number().int().min(1).max(5).default(3).openapi({ description: 'From 1, which goes first, to 5.' }),
  })
  .openapi('StartRun')

export const retryRun = z
  .object({
    from: z
      .enum(['failure', 'start'])
      .default('failure')
      .openapi({ description: 'What did not succeed, or all of it, fresh or not.' }),
  })
  .openapi('RetryRun')

export const startedRun = z.object({ run: z.string(), targets: z.number().int() }).openapi('StartedRun')

export const event = z
  .object({
    sequence: z.number().int(),
    at: timestamp,
    project: z.string(),
    environment: z.string(),
    run: z.string().nullable(),
    asset: assetKey.nullable(),
    type: z.enum(eventTypes),
    data: z.custom<JsonObject>().openapi({ type: 'object', additionalProperties: true }),
  })
  .openapi('Event')

export const logPage = z
  .object({
    lines: list(
      z.object({
        number: z.number().int(),
        at: timestamp,
        stream: z.enum(['stdout', 'stderr', 'structured']),
        text: z.string(),
      }),
    ),
    next: z.number().int().nullable().openapi({ description: '`after` of the page after this one; null at the end.' }),
  })
  .openapi('LogPage')

export type Run = z.infer<typeof run>
export type RunPage = z.infer<typeof runPage>
export type RunAsset = z.infer<typeof runAsset>
export type RunDetail = z.infer<typeof runDetail>
export type StartRun = z.input<typeof startRun>
export type StartedRun = z.infer<typeof startedRun>
export type LogPage = z.infer<typeof logPage>
export interface ApiEvent extends z.infer<typeof event> {
  readonly type: EventType
}
