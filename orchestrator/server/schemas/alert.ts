import { z } from '@hono/zod-openapi'
import { alertCauses } from '../../contract/index.ts'
import { assetKey, list, timestamp } from './common.ts'

const item = z.object({
  subject: z.string(),
  cause: z.enum(alertCauses),
  asset: assetKey.nullable(),
  detail: z.string().nullable(),
  count: z.number().nullable(),
})

export const alertList = z
  .object({
    alerts: list(
      z.object({
        name: z.string(),
        on: list(z.enum(alertCauses)),
        assets: z.number().int().nullable().openapi({ description: 'How many it is about; null for all.' }),
        to: list(z.enum(['slack', 'webhook', 'email'])),
        throttleMinutes: z.number().nullable(),
        groupMinutes: z.number().openapi({ description: 'Between two messages to a target.' }),
      }),
    ),
    open: list(z.object({ alert: z.string(), since: timestamp, toldAt: timestamp, item })).openapi({
      description: 'What was told and is not right again.',
    }),
    messages: list(
      z.object({
        id: z.string(),
        alert: z.string(),
        status: z.enum(['failed', 'recovered', 'test']),
        target: z.enum(['slack', 'webhook', 'email']),
        state: z.enum(['waiting', 'delivered', 'dead']),
        attempts: z.number().int(),
        problem: z.string().nullable().openapi({ description: 'Why the last attempt failed.' }),
        run: z.string().nullable(),
        createdAt: timestamp,
        endedAt: timestamp.nullable(),
        items: list(item),
        more: z.number().int().openapi({ description: 'How many more there are than items.' }),
      }),
    ).openapi({ description: 'Latest first.' }),
  })
  .openapi('AlertList')

export type AlertList = z.infer<typeof alertList>
