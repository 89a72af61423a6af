import { createRoute } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { readPlan } from '../read-plan.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { planPreview, planRequest, type Plan } from '../schemas/plan.ts'
import { problems } from '../schemas/problem.ts'

const planRoute = createRoute({
  method: 'post',
  path: '/plan',
  summary: 'What a run of the latest revision would do, and why',
  description: 'Starts nothing and changes nothing.',
  tags: ['runs'],
  request: {
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: planRequest } } },
  },
  responses: {
    200: { description: 'The plan.', content: { 'application/json': { schema: planPreview } } },
    ...problems(400, 401, 403, 404, 503),
  },
})

export function planRoutes({ store, projects, runs }: RouteDeps) {
  return createRouter().openapi(planRoute, async (c) => {
    const { selection, partitions = null, force } = c.req.valid('json')
    const { scope, revision, manifest, graph } = await projects.latest(await projects.scope(c.req.valid('query')))
    const { assets, asOf } = manifest
    const { concurrency } = runs
    return c.json<Plan, 200>(
      await readPlan(store, { scope, revision, assets, asOf, graph, selection, partitions, force, concurrency }),
      200,
    )
  })
}
