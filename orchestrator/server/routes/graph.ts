import { createHash } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import { select } from '../../graph/index.ts'
import type { RouteDeps } from '../deps.ts'
import { graphColumns, lastChange } from '../graph-columns.ts'
import { specOf } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { graph, type Graph } from '../schemas/graph.ts'
import { problems } from '../schemas/problem.ts'

const getRoute = createRoute({
  method: 'get',
  path: '/graph',
  summary: 'The asset graph with statuses, in compact columns',
  description: 'Send the ETag back as If-None-Match: as long as nothing changed the answer is 304, without a body.',
  tags: ['assets'],
  request: {
    query: scopeQuery.extend({
      select: z.string().max(2000).optional().openapi({ description: 'A selection, as the CLI takes it.' }),
    }),
  },
  responses: {
    200: { description: 'The graph.', content: { 'application/json': { schema: graph } } },
    304: { description: 'Nothing changed.' },
    ...problems(400, 401, 404, 503),
  },
})

export function graphRoutes({ store, projects }: RouteDeps) {
  return createRouter().openapi(getRoute, async (c) => {
    const query = c.req.valid('query')
    const project = await projects.latest(await projects.scope(query))
    const selection = query.select ?? '*'
    const keys = select(project.graph, selection)
    const all = project.manifest.assets.map((asset) => asset.key)
    const record = await store.assets.overview(project.scope, all)
    const statuses = new Map(record.statuses.map((row) => [row.asset, row]))
    // Staleness is decided by the definitions, which the revision stands for, and by what was materialised.
    const parts = [project.scope.environment, project.scope.project, project.revision, lastChange(statuses), selection]
    const etag = `W/"${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)}"`
    c.header('etag', etag)
    c.header('cache-control', 'private, no-cache')
    if (c.req.header('if-none-match') === etag) return c.body(null, 304)
    const assets = keys.map((key) => specOf(project, key))
    return c.json<Graph, 200>(
      graphColumns({ revision: project.revision, assets, statuses, states: record.states }),
      200,
    )
  })
}
