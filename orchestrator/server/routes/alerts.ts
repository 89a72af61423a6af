import { createRoute } from '@hono/zod-openapi'
import { usualGroupMinutes, type AlertBody } from '../../contract/index.ts'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { alertList, type AlertList } from '../schemas/alert.ts'
import { pageLimit, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/alerts',
  summary: 'Alerts of the latest revision, what they have open, and their messages',
  tags: ['alerts'],
  request: { query: scopeQuery.extend({ limit: pageLimit(50, 200) }) },
  responses: {
    200: { description: 'Alerts.', content: { 'application/json': { schema: alertList } } },
    ...problems(400, 401, 404, 503),
  },
})

export function alertRoutes({ store, projects }: RouteDeps) {
  return createRouter().openapi(listRoute, async (c) => {
    const { limit, ...query } = c.req.valid('query')
    const { scope, manifest } = await projects.latest(await projects.scope(query))
    const [open, entries] = await Promise.all([store.alerts.open(scope), store.outbox.list(scope, 'alerts', { limit })])
    const alerts = (manifest.alerts ?? []).map(({ name, on, assets, to, throttleMinutes, groupMinutes }) => ({
      ...{ name, on, throttleMinutes, groupMinutes: groupMinutes ?? usualGroupMinutes },
      assets: assets === null ? null : assets.length,
      to: to.map(({ type }) => type),
    }))
    const messages = entries.map(({ body, ...entry }) => {
      const { target, message } = body as unknown as AlertBody
      return {
        ...{ id: entry.id, state: entry.state, attempts: entry.attempts, problem: entry.problem },
        ...{ createdAt: entry.createdAt, endedAt: entry.endedAt, target: target.type },
        ...{ alert: message.alert, status: message.status, run: message.run, items: message.items, more: message.more },
      }
    })
    const told = open.map(({ alert, since, toldAt, item }) => ({ alert, since, toldAt, item }))
    return c.json<AlertList, 200>({ alerts, open: told, messages }, 200)
  })
}
