import { createRoute } from '@hono/zod-openapi'
import type { SlackMessage } from '../deps.ts'
import { createRouter } from '../router.ts'
import { messageList, type MessageList } from '../schemas/message.ts'
import { problems } from '../schemas/problem.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/messages',
  summary: 'What the local stand-in for Slack received, newest first; in development only',
  tags: ['development'],
  responses: {
    200: { description: 'Messages.', content: { 'application/json': { schema: messageList } } },
    ...problems(401),
  },
})

const shown = 200

export function messageRoutes(messages: () => Promise<readonly SlackMessage[]>) {
  return createRouter().openapi(listRoute, async (c) => {
    const received = await messages()
    return c.json<MessageList, 200>({ items: received.slice(-shown).reverse() }, 200)
  })
}
