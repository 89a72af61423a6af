import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { RequestProblem } from '../problem.ts'
import { findAsset } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { resendRequested, type ResendRequested } from '../schemas/materialization.ts'
import { problems } from '../schemas/problem.ts'

const resendRoute = createRoute({
  method: 'post',
  path: '/syncs/{key}/unknown/resend',
  summary: 'Let the next run of a sync send the rows again whose outcome is unknown',
  tags: ['syncs'],
  request: {
    params: z.object({ key: z.string().openapi({ description: 'The sync’s key, url-encoded.' }) }),
    query: scopeQuery,
  },
  responses: {
    202: {
      description: 'Noted: the sync is stale, and its next run sends them.',
      content: { 'application/json': { schema: resendRequested } },
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

export function syncRoutes({ store, projects }: RouteDeps) {
  return createRouter().openapi(resendRoute, async (c) => {
    const project = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = findAsset(project, c.req.valid('param').key)
    if (spec.kind !== 'sync') {
      throw new RequestProblem(404, 'NOT_A_SYNC', `${spec.key} is not a sync.`, 'Ask for a key under sync/.')
    }
    const rows = await store.syncs.requestResend(project.scope, spec.key, spec.from)
    if (rows === 0) {
      throw new RequestProblem(
        409,
        'NOTHING_UNKNOWN',
        `${spec.key} has no row whose outcome is unknown.`,
        'There is nothing to send again; rejected rows are sent again by themselves.',
      )
    }
    return c.json<ResendRequested, 202>({ sync: spec.key, rows }, 202)
  })
}
