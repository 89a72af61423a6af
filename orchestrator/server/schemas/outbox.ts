import { z } from '@hono/zod-openapi'
import { outboxChannels, outboxStates } from '../../contract/index.ts'
import { list, timestamp } from './common.ts'

export const outboxChannel = z.enum(outboxChannels)

const outboxHealth = z
  .object({
    channel: outboxChannel,
    waiting: z.number().int(),
    dead: z
      .number()
      .int()
      .openapi({ description: 'Given up, or never to be taken; they can be sent again. At most 10,001 are counted.' }),
    oldestWaitingAt: timestamp.nullable(),
    dueInMs: z.number().nullable().openapi({ description: 'When the next is due; null if none waits.' }),
    failures: z.number().int().openapi({ description: 'Attempts that failed since the last that did not.' }),
    pausedUntil: timestamp.nullable().openapi({ description: 'Until then nothing is tried.' }),
    problem: z.string().nullable().openapi({ description: 'The last failure, without addresses and secrets.' }),
    problemAt: timestamp.nullable(),
    deliveredAt: timestamp.nullable(),
    unread: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Events of the log not looked at yet, at most 10,001; null if nobody ever looked.' }),
  })
  .openapi('OutboxHealth')

export const outboxList = z.object({ items: list(outboxHealth) }).openapi('OutboxList')

const outboxMessage = z
  .object({
    id: z.string(),
    channel: outboxChannel,
    lane: z.string().openapi({ description: 'Messages of a lane go one after another: a run’s, or a target’s.' }),
    about: z.string(),
    state: z.enum(outboxStates),
    attempts: z.number().int(),
    problem: z.string().nullable(),
    createdAt: timestamp,
    endedAt: timestamp.nullable(),
  })
  .openapi('OutboxMessage')

export const outboxMessages = z.object({ items: list(outboxMessage) }).openapi('OutboxMessages')

export const outboxRetry = z
  .object({
    ids: list(z.string().regex(/^\d{1,18}$/))
      .optional()
      .openapi({ description: 'Of dead messages; all if left out.' }),
  })
  .openapi('OutboxRetry')

export const outboxRetried = z.object({ retried: z.number().int() }).openapi('OutboxRetried')

export type OutboxList = z.infer<typeof outboxList>
export type OutboxMessages = z.infer<typeof outboxMessages>
export type OutboxRetried = z.infer<typeof outboxRetried>
