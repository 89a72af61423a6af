import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { assetChanges } from '../manifest-changes.ts'
import { RequestProblem } from '../problem.ts'
import { createRouter } from '../router.ts'
import { pageLimit, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import {
  projectList,
  revisionDetail,
  revisionPage,
  type ProjectList,
  type RevisionDetail,
  type RevisionPage,
} from '../schemas/revision.ts'

const number = z.coerce.number().int().min(1).openapi({ type: 'integer' })

const listRoute = createRoute({
  method: 'get',
  path: '/revisions',
  summary: 'Revisions of a project, latest first, each with the difference to the one before',
  tags: ['revisions'],
  request: {
    query: scopeQuery.extend({ limit: pageLimit(50, 200), before: number.optional() }),
  },
  responses: {
    200: { description: 'A page of revisions.', content: { 'application/json': { schema: revisionPage } } },
    ...problems(400, 401, 404, 503),
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/revisions/{n}',
  summary: 'One revision, with what changed in each asset',
  tags: ['revisions'],
  request: { params: z.object({ n: number }), query: scopeQuery },
  responses: {
    200: { description: 'The revision.', content: { 'application/json': { schema: revisionDetail } } },
    ...problems(400, 401, 404, 503),
  },
})

const projectsRoute = createRoute({
  method: 'get',
  path: '/projects',
  summary: 'What is deployed here, with the latest revision of each',
  tags: ['revisions'],
  responses: {
    200: { description: 'Projects by environment.', content: { 'application/json': { schema: projectList } } },
    ...problems(401, 503),
  },
})

export function revisionRoutes({ store, projects }: RouteDeps) {
  return createRouter()
    .openapi(projectsRoute, async (c) => {
      const scopes = await store.revisions.scopes()
      const latest = await Promise.all(scopes.map((scope) => store.revisions.list(scope, { limit: 1 })))
      const items = latest.flat().map((row) => ({
        environment: row.environment,
        project: row.project,
        revision: row.number,
        deployedAt: row.deployedAt,
        assetCount: row.assetCount,
      }))
      return c.json<ProjectList, 200>({ items }, 200)
    })
    .openapi(listRoute, async (c) => {
      const { limit, before, ...query } = c.req.valid('query')
      const scope = await projects.scope(query)
      const rows = await store.revisions.list(scope, { limit: limit + 1, ...(before === undefined ? {} : { before }) })
      const items = rows.slice(0, limit)
      const next = rows.length > limit ? String(items.at(-1)?.number) : null
      return c.json<RevisionPage, 200>({ items, next }, 200)
    })
    .openapi(getRoute, async (c) => {
      const { n } = c.req.valid('param')
      const scope = await projects.scope(c.req.valid('query'))
      const [found, before] = await Promise.all([
        store.revisions.get(scope, n),
        n > 1 ? store.revisions.get(scope, n - 1) : null,
      ])
      if (found === null) {
        throw new RequestProblem(
          404,
          'REVISION_NOT_FOUND',
          `Project ${scope.project} has no revision ${n}.`,
          'Look for it under /revisions.',
        )
      }
      const { manifest, ...row } = found
      const { timeZone, asOf } = manifest
      const changes = before === null ? [] : assetChanges(before.manifest, manifest, row.diff)
      return c.json<RevisionDetail, 200>({ ...row, timeZone, asOf, changes }, 200)
    })
}
