import { z } from '@hono/zod-openapi'
import { assetKey, failure, list, partitionsAsked, timestamp } from './common.ts'
import { checkResult } from './materialization.ts'

const fields = {
  environment: z.string(),
  project: z.string(),
  run: z.string(),
  revision: z.number().int(),
  selection: z.string(),
  targets: list(assetKey),
  partitions: partitionsAsked,
  accept: z.boolean(),
  status: z.enum(['running', 'passed', 'failed', 'cancelled']),
  counts: z
    .object({
      passed: z.number().int(),
      warned: z.number().int().openapi({ description: 'Failed, but they stop nothing.' }),
      failed: z.number().int(),
      skipped: z.number().int().openapi({ description: 'Assets without a materialisation to check.' }),
    })
    .readonly(),
  failure: failure.nullable(),
  startedAt: timestamp,
  endedAt: timestamp.nullable(),
}

export const checkRun = z.object(fields).openapi('CheckRun')

export const checkRunList = z.object({ items: list(checkRun) }).openapi('CheckRunList')

export const checkRunDetail = z.object({ ...fields, results: list(checkResult) }).openapi('CheckRunDetail')

export const startChecks = z
  .object({
    selection: z
      .string()
      .min(1)
      .max(2000)
      .openapi({ examples: ['kind:trait'] }),
    partitions: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .openapi({
        description: 'Of what has partitions: which of them; the latest and those that fail a check now unless told.',
        examples: ['2026-01-01..2026-01-31'],
      }),
    accept: z
      .boolean()
      .default(false)
      .openapi({ description: 'What is there becomes what later materialisations are compared with.' }),
  })
  .openapi('StartChecks')

export const startedChecks = z
  .object({ run: z.string(), targets: z.number().int().openapi({ description: 'Assets that have checks.' }) })
  .openapi('StartedChecks')

export type CheckRun = z.infer<typeof checkRun>
export type CheckRunList = z.infer<typeof checkRunList>
export type CheckRunDetail = z.infer<typeof checkRunDetail>
export type StartChecks = z.input<typeof startChecks>
export type StartedChecks = z.infer<typeof startedChecks>
