import { z } from '@hono/zod-openapi'
import type { JsonObject } from '../../contract/index.ts'

const metadata = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  .openapi({
    type: 'object',
    additionalProperties: true,
    description: 'Numbers, flags and short texts. No data: whoever may read the record sees it.',
  })

const reportedCheck = z.object({
  name: z.string().min(1).max(200),
  passed: z.boolean(),
  severity: z.enum(['warn', 'error']).default('error'),
  blocking: z
    .boolean()
    .optional()
    .openapi({ description: 'Failed, it stops what is downstream; default: as its severity says.' }),
  failures: z.number().int().min(0).nullable().default(null).openapi({ description: 'Rows that failed it.' }),
  message: z.string().max(500).nullable().default(null),
  metadata: metadata.optional(),
})

export const report = z
  .object({
    dataVersion: z.string().min(1).max(200).optional().openapi({
      description: 'Your name for the content: equal ones are equal content. Left out, it is new content.',
    }),
    rows: z.number().int().min(0).optional(),
    metadata: metadata.default({}),
    checks: z.array(reportedCheck).max(200).default([]),
    startedAt: z.iso.datetime({ offset: true }).optional(),
    durationMs: z.number().min(0).optional(),
    idempotencyKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: 'A second report of the asset with the same key changes nothing.' }),
  })
  .openapi('MaterializationReport')

export const reported = z
  .object({
    materialization: z.string(),
    dataVersion: z.string(),
    recorded: z.boolean().openapi({ description: 'False if a report with the same key was recorded before.' }),
  })
  .openapi('Reported')

export type Report = z.infer<typeof report>
export type Reported = z.infer<typeof reported>
