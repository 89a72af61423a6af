import { createRoute, z } from '@hono/zod-openapi'
import { select } from '../../graph/index.ts'
import type { RouteDeps } from '../deps.ts'
import { assertPartitions } from '../partition-reader.ts'
import { RequestProblem } from '../problem.ts'
import { createRouter } from '../router.ts'
import { runOptions } from '../run-options.ts'
import {
  checkRunDetail,
  checkRunList,
  startChecks,
  startedChecks,
  type CheckRunDetail,
  type CheckRunList,
  type StartedChecks,
} from '../schemas/check-run.ts'
import { pageLimit, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const params = z.object({ id: z.string().max(100) })

/** Results that one answer holds: those of a project, but not of thousands of assets. */
const mostResults = 5_000

const startRoute = createRoute({
  method: 'post',
  path: '/checks/run',
  summary: 'Evaluate the checks of what is materialised, without materialising',
  tags: ['checks'],
  request: {
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: startChecks } } },
  },
  responses: {
    202: {
      description: 'Started; Location names the check run.',
      headers: { location: { schema: { type: 'string' } } },
      content: { 'application/json': { schema: startedChecks } },
    },
    ...problems(400, 401, 403, 404, 503),
  },
})

const listRoute = createRoute({
  method: 'get',
  path: '/checks/runs',
  summary: 'Check runs, latest first',
  tags: ['checks'],
  request: { query: scopeQuery.extend({ limit: pageLimit(20, 100) }) },
  responses: {
    200: { description: 'Check runs.', content: { 'application/json': { schema: checkRunList } } },
    ...problems(400, 401, 404, 503),
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/checks/runs/{id}',
  summary: 'One check run with its results so far',
  tags: ['checks'],
  request: { params },
  responses: {
    200: { description: 'The check run.', content: { 'application/json': { schema: checkRunDetail } } },
    ...problems(401, 404, 503),
  },
})

const cancelRoute = createRoute({
  method: 'post',
  path: '/checks/runs/{id}/cancel',
  summary: 'Ask a check run to stop; what it has recorded stays',
  tags: ['checks'],
  request: { params },
  responses: { 202: { description: 'Asked.' }, ...problems(401, 403, 404, 503) },
})

export function checkRoutes(deps: RouteDeps) {
  const { store, launcher, projects } = deps
  const find = async (id: string) => {
    const row = await store.checks.run(id)
    if (row !== null) return row
    throw new RequestProblem(
      404,
      'CHECK_RUN_NOT_FOUND',
      `There is no check run ${id}.`,
      'See /checks/runs for those there are.',
    )
  }
  return createRouter()
    .openapi(startRoute, async (c) => {
      const { selection, partitions = null, accept } = c.req.valid('json')
      const { scope, revision, manifest, graph } = await projects.latest(await projects.scope(c.req.valid('query')))
      const targets = select(graph, selection)
      await assertPartitions(store, scope, manifest, targets, partitions)
      const started = await launcher.startChecks({
        scope,
        revision,
        manifest,
        selection,
        targets,
        partitions,
        accept,
        ...runOptions(deps.runs, scope),
      })
      c.header('location', `/api/v1/checks/runs/${encodeURIComponent(started.run)}`)
      return c.json<StartedChecks, 202>({ run: started.run, targets: started.targets.length }, 202)
    })
    .openapi(listRoute, async (c) => {
      const { limit, ...query } = c.req.valid('query')
      return c.json<CheckRunList, 200>({ items: await store.checks.runs(await projects.scope(query), limit) }, 200)
    })
    .openapi(getRoute, async (c) => {
      const row = await find(c.req.valid('param').id)
      const results = await store.checks.resultsOf(row, row.run, { limit: mostResults })
      return c.json<CheckRunDetail, 200>({ ...row, results }, 200)
    })
    .openapi(cancelRoute, async (c) => {
      const row = await find(c.req.valid('param').id)
      await launcher.cancelChecks(row, row.run)
      return c.body(null, 202)
    })
}
