import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { poolViews } from '../pool-view.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { poolList, poolSlots, type PoolList } from '../schemas/pool.ts'
import { problems } from '../schemas/problem.ts'

const params = z.object({
  pool: z
    .string()
    .min(1)
    .max(300)
    .openapi({ description: 'A pool, or `warehouse/*` and `runs/team=*` for each of a kind; with `/` as `%2F`.' }),
})

const listRoute = createRoute({
  method: 'get',
  path: '/pools',
  summary: 'Pools of an environment: limits, who holds their slots and who waits, in the order of service',
  tags: ['pools'],
  request: { query: scopeQuery },
  responses: {
    200: { description: 'Pools by name.', content: { 'application/json': { schema: poolList } } },
    ...problems(400, 401, 404, 503),
  },
})

const setRoute = createRoute({
  method: 'put',
  path: '/pools/{pool}',
  summary: 'Limit a pool, whatever projects declare; it holds at once',
  tags: ['pools'],
  request: {
    params,
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: poolSlots } } },
  },
  responses: { 204: { description: 'It holds.' }, ...problems(400, 401, 403, 404, 503) },
})

const unsetRoute = createRoute({
  method: 'delete',
  path: '/pools/{pool}',
  summary: 'Take the operator’s limit of a pool away: what projects declare holds again',
  tags: ['pools'],
  request: { params, query: scopeQuery },
  responses: { 204: { description: 'It is gone.' }, ...problems(400, 401, 403, 404, 503) },
})

export function poolRoutes({ store, projects, launcher }: RouteDeps) {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const { environment } = await projects.scope(c.req.valid('query'))
      return c.json<PoolList, 200>({ items: poolViews(await store.leases.use(environment)) }, 200)
    })
    .openapi(setRoute, async (c) => {
      const { environment } = await projects.scope(c.req.valid('query'))
      await launcher.setPoolLimit(environment, c.req.valid('param').pool, c.req.valid('json').slots)
      return c.body(null, 204)
    })
    .openapi(unsetRoute, async (c) => {
      const { environment } = await projects.scope(c.req.valid('query'))
      await launcher.setPoolLimit(environment, c.req.valid('param').pool, null)
      return c.body(null, 204)
    })
}
