import { z } from '@hono/zod-openapi'
import { list } from './common.ts'

export const messageList = z
  .object({
    items: list(
      z.object({
        channel: z.string(),
        text: z.string(),
        ts: z.string().openapi({ description: 'Slack’s time stamp.' }),
      }),
    ),
  })
  .openapi('MessageList')

export type MessageList = z.infer<typeof messageList>
