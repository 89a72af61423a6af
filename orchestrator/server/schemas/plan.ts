import { z } from '@hono/zod-openapi'
import { stepWorkflows, type PlanPreview } from '../../contract/index.ts'
import { staleReasonSchema } from '../../schema/index.ts'
import { assetKey, assetKind, list, timestamp } from './common.ts'

const ms = z.number().openapi({ description: 'Milliseconds.' })

const ranges = z
  .object({
    count: z.number().int(),
    ranges: list(z.object({ from: z.string(), to: z.string(), partitions: z.number().int() })).openapi({
      description: 'In order, both ends included; the first of them where there are many.',
    }),
    more: z.number().int().openapi({ description: 'Ranges that are not listed.' }),
  })
  .openapi('PlanPartitionRanges')

const count = (description: string) => z.number().int().openapi({ description })

const partitions = z
  .object({
    total: count('All that it has by now.'),
    missing: count('Of all: never made.'),
    failed: count('Of all: failed at the last attempt.'),
    failing: count('Of all: with a failed blocking check.'),
    selected: count('What the plan is about.'),
    certain: z.number().int(),
    possible: z.number().int(),
    blocked: z.number().int(),
    fresh: z.number().int(),
    runs: ranges,
    obstacles: list(z.object({ upstream: assetKey, text: z.string(), partitions: ranges })),
  })
  .openapi('PlanPartitions')

const reason = z
  .object({
    type: z.enum(staleReasonSchema.options.map(({ shape }) => shape.type.value)),
    upstream: assetKey.nullable(),
    text: z.string().openapi({ description: 'In words, as part of a sentence.', examples: ['its definition changed'] }),
    partitions: ranges.optional(),
  })
  .openapi('PlanReason')

const read = z
  .object({
    asset: assetKey,
    revision: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Revision by which the upstream was last materialised; null before the first time.' }),
    run: z.string().nullable(),
    materializedAt: timestamp.nullable(),
    dataVersion: z.string().nullable(),
    readBefore: z
      .string()
      .nullable()
      .openapi({ description: 'The version that the asset’s own last materialisation read.' }),
    state: z.enum(['same', 'changed', 'may_change', 'missing']),
  })
  .openapi('PlanRead')

const fieldChange = z.object({
  field: z.string().openapi({ examples: ['origin.sql'] }),
  lines: list(z.string()).openapi({ description: 'Lines with their signs: ` same`, `-before`, `+after`, `…`.' }),
})

const asset = z
  .object({
    key: assetKey,
    kind: assetKind,
    prospect: z.enum(['certain', 'possible', 'blocked']).openapi({
      description:
        'certain: runs whatever its inputs turn out to hold; possible: runs if they come out changed; ' +
        'blocked: would be asked for in vain.',
    }),
    reasons: list(reason).openapi({ description: 'The first is the one to show.' }),
    blocked: z.object({ upstream: assetKey, text: z.string() }).nullable(),
    reads: list(read),
    code: z
      .object({ sinceRevision: z.number().int().nullable(), fields: list(fieldChange) })
      .nullable()
      .openapi({ description: 'How its definition differs from the one that was last materialised, in short.' }),
    partitions: partitions.optional(),
    owed: z
      .object({ rejected: z.number().int(), unfinished: z.boolean() })
      .nullable()
      .openapi({ description: 'Of a sync: what its last run did not get delivered.' }),
  })
  .openapi('PlanAsset')

const step = z
  .object({
    id: z.string(),
    workflow: z.enum(Object.values(stepWorkflows)),
    after: list(z.string()),
    estimate: z.object({
      ms: ms.nullable(),
      from: z.enum(['history', 'kind', 'nothing']),
      startMs: ms,
    }),
    assets: list(asset),
  })
  .openapi('PlanStep')

const key = list(assetKey)

export const planPreview = z
  .object({
    environment: z.string(),
    project: z.string(),
    revision: z.number().int().nullable(),
    selection: z.string(),
    partitions: z.string().optional(),
    force: z.boolean(),
    concurrency: z.number().int(),
    steps: list(step),
    fresh: key,
    counts: z.object({
      certain: z.number().int(),
      possible: z.number().int(),
      blocked: z.number().int(),
      fresh: z.number().int(),
    }),
    estimate: z.object({
      mostMs: ms,
      leastMs: ms,
      unknownSteps: z.number().int(),
      criticalPath: list(z.string()),
    }),
    changes: z
      .object({
        renamed: list(z.object({ from: assetKey, to: assetKey })).optional(),
        added: key,
        removed: key,
        changed: key,
        described: key,
        settings: list(z.string()),
      })
      .nullable()
      .openapi({ description: 'Only of a working copy: how it differs from what is deployed.' }),
  })
  .openapi('Plan') satisfies z.ZodType<PlanPreview>

export const planRequest = z
  .object({
    selection: z
      .string()
      .min(1)
      .max(2000)
      .default('*')
      .openapi({ examples: ['+audience/at_risk'] }),
    partitions: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .openapi({
        description: 'As for a run; the latest unless told.',
        examples: ['2026-01-01..2026-01-31', 'missing'],
      }),
    force: z.boolean().default(false).openapi({ description: 'As if what is fresh were to run too.' }),
  })
  .openapi('PlanRequest')

export type Plan = z.infer<typeof planPreview>
