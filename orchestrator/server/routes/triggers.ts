import { createRoute } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { sensorList, webhookList, type SensorList, type WebhookList } from '../schemas/automation.ts'
import { scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const shownDeliveries = 20

const sensorsRoute = createRoute({
  method: 'get',
  path: '/sensors',
  summary: 'Sensors with their cursors and what they said last',
  tags: ['automation'],
  request: { query: scopeQuery },
  responses: {
    200: { description: 'Sensors by name.', content: { 'application/json': { schema: sensorList } } },
    ...problems(400, 401, 404, 503),
  },
})

const webhooksRoute = createRoute({
  method: 'get',
  path: '/webhooks',
  summary: 'Webhooks with their latest deliveries',
  tags: ['automation'],
  request: { query: scopeQuery },
  responses: {
    200: { description: 'Webhooks by name.', content: { 'application/json': { schema: webhookList } } },
    ...problems(400, 401, 404, 503),
  },
})

export function triggerRoutes({ store, projects }: RouteDeps) {
  return createRouter()
    .openapi(sensorsRoute, async (c) => {
      const { scope, manifest } = await projects.latest(await projects.scope(c.req.valid('query')))
      const known = new Map((await store.triggers.sensors(scope)).map((row) => [row.name, row]))
      const items = (manifest.sensors ?? []).map(({ name, description, everySeconds }) => {
        const { cursor = null, polls = 0, polledAt = null, requested = 0, failure = null } = known.get(name) ?? {}
        return { name, description, everySeconds, cursor, polls, polledAt, requested, failure }
      })
      return c.json<SensorList, 200>({ items }, 200)
    })
    .openapi(webhooksRoute, async (c) => {
      const { scope, manifest } = await projects.latest(await projects.scope(c.req.valid('query')))
      const items = await Promise.all(
        (manifest.webhooks ?? []).map(async ({ name, description, select, secret }) => ({
          ...{ name, description, select, secretVariable: secret.$env },
          deliveries: await store.triggers.deliveries(scope, name, shownDeliveries),
        })),
      )
      return c.json<WebhookList, 200>({ items }, 200)
    })
}
