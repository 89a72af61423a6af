import { z } from '@hono/zod-openapi'
import type { AutomationCondition, AutomationNode } from '../../contract/index.ts'
import { assetKey, failure, list, next, timestamp } from './common.ts'

const plain = { type: 'object' as const, additionalProperties: true }

const decision = {
  asset: assetKey,
  outcome: z.enum(['requested', 'waiting', 'idle']).openapi({
    description: 'It goes into a run; there is a cause and something stands against it; there is no cause.',
  }),
  summary: z.string().openapi({ examples: ['not yet: audience/vip has a failed blocking check: not_empty'] }),
  tree: z.custom<AutomationNode>().openapi({
    ...plain,
    description: 'Each condition with `holds` and its `reason`, and those in it as `of`; `asset` where it is a dep’s.',
  }),
}

export const automationEvaluation = z
  .object({ ...decision, id: z.string(), at: timestamp, revision: z.number().int(), run: z.string().nullable() })
  .openapi('AutomationEvaluation')

export const automationList = z
  .object({
    items: list(
      z.object({
        asset: assetKey,
        condition: z.custom<AutomationCondition>().openapi({ ...plain, description: 'As the project has it.' }),
        latest: automationEvaluation.nullable(),
      }),
    ),
  })
  .openapi('AutomationList')

export const automationPage = z.object({ items: list(automationEvaluation), next }).openapi('AutomationPage')

export const automationDryRun = z
  .object({
    revision: z.number().int(),
    items: list(z.object({ ...decision, nextAt: timestamp.nullable() })),
  })
  .openapi('AutomationDryRun')

export const runRequestPage = z
  .object({
    items: list(
      z.object({
        run: z.string(),
        origin: z.string().openapi({ examples: ['automation', 'sensor/new_orders'] }),
        key: z.string(),
        revision: z.number().int(),
        selection: z.string(),
        targets: list(assetKey),
        partitions: z.string().nullish(),
        force: z.boolean(),
        requestedAt: timestamp,
        settledAt: timestamp.nullable().openapi({ description: 'When its run was started, or could not be.' }),
        failure: failure.nullable(),
      }),
    ),
    next,
  })
  .openapi('RunRequestPage')

export const scheduleList = z
  .object({
    items: list(
      z.object({
        name: z.string().openapi({ examples: ['cron/0 6 * * * Europe/Berlin'] }),
        paused: z.boolean(),
        note: z.string().nullable().openapi({ description: 'Why it is paused.' }),
        nextTimes: list(timestamp),
        recent: list(z.object({ scheduledAt: timestamp, startedAt: timestamp })),
        skipped: z.number().int().openapi({ description: 'Times left out since what came before was under way.' }),
        missed: z.number().int().openapi({ description: 'Times too long ago to be made up for.' }),
      }),
    ),
  })
  .openapi('ScheduleList')

export const sensorList = z
  .object({
    items: list(
      z.object({
        name: z.string(),
        description: z.string().nullable(),
        everySeconds: z.number(),
        cursor: z.string().nullable(),
        polls: z.number().int().openapi({ description: 'How often it was asked.' }),
        polledAt: timestamp.nullable(),
        requested: z.number().int().openapi({ description: 'Runs that it asked for the last time.' }),
        failure: failure.nullable().openapi({ description: 'Why it could not be asked the last time.' }),
      }),
    ),
  })
  .openapi('SensorList')

export const webhookList = z
  .object({
    items: list(
      z.object({
        name: z.string(),
        description: z.string().nullable(),
        select: z.string().nullable(),
        secretVariable: z.string(),
        deliveries: list(
          z.object({
            id: z.string(),
            receivedAt: timestamp,
            settledAt: timestamp.nullable(),
            requested: z.number().int(),
            failure: failure.nullable(),
          }),
        ).openapi({ description: 'The latest ones, without what they said.' }),
      }),
    ),
  })
  .openapi('WebhookList')

export const pauseNote = z.object({ note: z.string().max(500).default('') }).openapi('PauseNote')

export type AutomationEvaluation = z.infer<typeof automationEvaluation>
export type AutomationList = z.infer<typeof automationList>
export type AutomationPage = z.infer<typeof automationPage>
export type AutomationDryRun = z.infer<typeof automationDryRun>
export type RunRequestPage = z.infer<typeof runRequestPage>
export type SensorList = z.infer<typeof sensorList>
export type WebhookList = z.infer<typeof webhookList>
export type ScheduleList = z.infer<typeof scheduleList>
