import { createRoute, z } from '@hono/zod-openapi'
import { isAutomated, type MaterializationReport } from '../../contract/index.ts'
import { reportMaterialization } from '../../launch/index.ts'
import type { RouteDeps } from '../deps.ts'
import { findAsset } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { report, reported, type Report, type Reported } from '../schemas/report.ts'

const reportRoute = createRoute({
  method: 'post',
  path: '/assets/{key}/materializations',
  summary: 'Report a materialisation of an asset that others fill',
  tags: ['assets'],
  request: {
    params: z.object({ key: z.string().openapi({ description: 'The asset’s key, url-encoded.' }) }),
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: report } } },
  },
  responses: {
    200: {
      description: 'It was reported before with the same key.',
      content: { 'application/json': { schema: reported } },
    },
    201: { description: 'Recorded.', content: { 'application/json': { schema: reported } } },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

export function reportRoutes({ store, projects, wake }: RouteDeps) {
  return createRouter().openapi(reportRoute, async (c) => {
    const { key } = c.req.valid('param')
    const project = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = findAsset(project, key)
    const target = { scope: project.scope, revision: project.revision, spec }
    const answer = await reportMaterialization(store, target, { asset: spec.key, ...reportOf(c.req.valid('json')) })
    if (answer.recorded && isAutomated(project.manifest)) await wake?.(project.scope)
    return answer.recorded ? c.json<Reported, 201>(answer, 201) : c.json<Reported, 200>(answer, 200)
  })
}

function reportOf(body: Report): Omit<MaterializationReport, 'asset'> {
  return {
    dataVersion: body.dataVersion ?? null,
    rows: body.rows ?? null,
    metadata: body.metadata,
    checks: body.checks.map(({ blocking, metadata, ...check }) => ({
      ...check,
      ...(blocking !== undefined && { blocking }),
      ...(metadata !== undefined && { metadata }),
    })),
    startedAt: body.startedAt ?? null,
    durationMs: body.durationMs ?? null,
    idempotencyKey: body.idempotencyKey ?? null,
  }
}
