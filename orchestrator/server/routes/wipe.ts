import { createRoute, z } from '@hono/zod-openapi'
import { isAutomated } from '../../contract/index.ts'
import type { RouteDeps } from '../deps.ts'
import { findAsset } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const wiped = z
  .object({ wiped: z.boolean().openapi({ description: 'Whether there was anything to forget.' }) })
  .openapi('Wiped')

const wipeRoute = createRoute({
  method: 'post',
  path: '/assets/{key}/wipe',
  summary: 'Forget what is materialised, so that the next run makes it anew',
  description:
    'Its history and its table stay, and so does what a sync has sent. Refused while a run is at work on it.',
  tags: ['assets'],
  request: {
    params: z.object({ key: z.string().openapi({ description: 'The asset’s key, url-encoded.' }) }),
    query: scopeQuery,
  },
  responses: {
    200: { description: 'Forgotten.', content: { 'application/json': { schema: wiped } } },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

export function wipeRoutes({ store, projects, wake }: RouteDeps) {
  return createRouter().openapi(wipeRoute, async (c) => {
    const project = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = findAsset(project, c.req.valid('param').key)
    const keys = await store.assets.wipe(project.scope, [spec.key])
    if (keys.length > 0 && isAutomated(project.manifest)) await wake?.(project.scope)
    return c.json({ wiped: keys.length > 0 }, 200)
  })
}
