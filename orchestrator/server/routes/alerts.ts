import { createRoute } from '@hono/zod-openapi'
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
    const [open, entries] = await Promise.all([store.alerts.open(scope), store.alerts.list(scope, limit)])
    const alerts = (manifest.alerts ?? []).map(({ name, on, assets, to, throttleMinutes }) => ({
      ...{ name, on, throttleMinutes },
      assets: assets === null ? null : assets.length,
      to: to.map(({ type }) => type),
    }))
    const messages = entries.map(({ body, target, ...entry }) => ({
      ...{ id: entry.id, state: entry.state, attempts: entry.attempts, problem: entry.problem },
      ...{ createdAt: entry.createdAt, endedAt: entry.endedAt, target: target.type },
      ...{ alert: body.alert, status: body.status, run: body.run, items: body.items },
    }))
    const told = open.map(({ alert, since, toldAt, item }) => ({ alert, since, toldAt, item }))
    return c.json<AlertList, 200>({ alerts, open: told, messages }, 200)
  })
}
