import { createRoute, z } from '@hono/zod-openapi'
import { outboxChannels, outboxStates, type AlertBody, type OutboxEntry } from '../../contract/index.ts'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { pageLimit, scopeQuery } from '../schemas/common.ts'
import {
  outboxChannel,
  outboxList,
  outboxMessages,
  outboxRetried,
  outboxRetry,
  type OutboxList,
  type OutboxMessages,
  type OutboxRetried,
} from '../schemas/outbox.ts'
import { problems } from '../schemas/problem.ts'

const params = z.object({ channel: outboxChannel })

const healthRoute = createRoute({
  method: 'get',
  path: '/outbox',
  summary: 'What is told to others: what waits, since when, what was given up, and why',
  tags: ['health'],
  request: { query: scopeQuery },
  responses: {
    200: { description: 'One for each channel.', content: { 'application/json': { schema: outboxList } } },
    ...problems(400, 401, 404, 503),
  },
})

const messagesRoute = createRoute({
  method: 'get',
  path: '/outbox/{channel}/messages',
  summary: 'Messages of a channel, latest first',
  tags: ['health'],
  request: {
    params,
    query: scopeQuery.extend({ limit: pageLimit(50, 200), state: z.enum(outboxStates).optional() }),
  },
  responses: {
    200: { description: 'Messages.', content: { 'application/json': { schema: outboxMessages } } },
    ...problems(400, 401, 404, 503),
  },
})

const retryRoute = createRoute({
  method: 'post',
  path: '/outbox/{channel}/retry',
  summary: 'Send again what was given up',
  tags: ['health'],
  request: {
    params,
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: outboxRetry } } },
  },
  responses: {
    200: { description: 'How many wait again.', content: { 'application/json': { schema: outboxRetried } } },
    ...problems(400, 401, 403, 404, 503),
  },
})

export function outboxRoutes({ store, projects }: RouteDeps) {
  return createRouter()
    .openapi(healthRoute, async (c) => {
      const scope = await projects.scope(c.req.valid('query'))
      const items = await Promise.all(outboxChannels.map((channel) => store.outbox.health(scope, channel)))
      return c.json<OutboxList, 200>({ items }, 200)
    })
    .openapi(messagesRoute, async (c) => {
      const { limit, state, ...query } = c.req.valid('query')
      const scope = await projects.scope(query)
      const page = { limit, ...(state !== undefined && { state }) }
      const entries = await store.outbox.list(scope, c.req.valid('param').channel, page)
      const items = entries.map(({ body, key: _, ...entry }) => ({ ...entry, about: aboutOf[entry.channel](body) }))
      return c.json<OutboxMessages, 200>({ items }, 200)
    })
    .openapi(retryRoute, async (c) => {
      const scope = await projects.scope(c.req.valid('query'))
      const { ids } = c.req.valid('json')
      const retried = await store.outbox.retry(scope, c.req.valid('param').channel, ids ?? null)
      return c.json<OutboxRetried, 200>({ retried }, 200)
    })
}

/** `FAIL shop.trait/spent`, `on_call failed to slack`. */
const aboutOf: Readonly<Record<OutboxEntry['channel'], (body: OutboxEntry['body']) => string>> = {
  alerts: (body) => {
    const { message, target } = body as unknown as AlertBody
    return `${message.alert} ${message.status} to ${target.type}`
  },
  openlineage: (body) => {
    const { name } = body['job'] as { readonly name: string }
    return `${String(body['eventType'])} ${name}`
  },
}
