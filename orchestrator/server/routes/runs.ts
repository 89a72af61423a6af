import { createRoute, z } from '@hono/zod-openapi'
import { isTraitlineError, parseRunTag, runTagRule, runWorkflowId } from '../../contract/index.ts'
import { select } from '../../graph/index.ts'
import { rerunOf } from '../../launch/index.ts'
import type { RouteDeps } from '../deps.ts'
import { waitingView } from '../pool-view.ts'
import { assertPartitions } from '../partition-reader.ts'
import { RequestProblem } from '../problem.ts'
import { createRouter } from '../router.ts'
import { runOptions } from '../run-options.ts'
import { hasEnded, runView, unknownRun } from '../run-view.ts'
import { cursor, pageLimit, runId, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import {
  retryRun,
  runDetail,
  runPage,
  runStatus,
  startedRun,
  startRun,
  type RunDetail,
  type RunPage,
  type StartedRun,
} from '../schemas/run.ts'

const params = z.object({ id: runId })

const tagFilter = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .openapi({ description: 'Only runs with this tag, `team=growth`; several times for all of several.', type: 'string' })

const listRoute = createRoute({
  method: 'get',
  path: '/runs',
  summary: 'Runs, latest first',
  tags: ['runs'],
  request: {
    query: scopeQuery.extend({
      limit: pageLimit(50, 200),
      before: cursor,
      tag: tagFilter,
      status: runStatus.optional(),
    }),
  },
  responses: {
    200: { description: 'A page of runs.', content: { 'application/json': { schema: runPage } } },
    ...problems(400, 401, 404, 503),
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/runs/{id}',
  summary: 'One run with the state of each of its assets',
  tags: ['runs'],
  request: { params },
  responses: {
    200: { description: 'The run.', content: { 'application/json': { schema: runDetail } } },
    ...problems(401, 404, 503),
  },
})

const startRoute = createRoute({
  method: 'post',
  path: '/runs',
  summary: 'Start a run of the latest revision',
  tags: ['runs'],
  request: {
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: startRun } } },
  },
  responses: {
    202: {
      description: 'Started; Location names the run.',
      headers: { location: { schema: { type: 'string' } } },
      content: { 'application/json': { schema: startedRun } },
    },
    ...problems(400, 401, 403, 404, 503),
  },
})

const cancelRoute = createRoute({
  method: 'post',
  path: '/runs/{id}/cancel',
  summary: 'Ask a run to stop; what it has materialised stays',
  tags: ['runs'],
  request: { params },
  responses: {
    202: { description: 'Asked.' },
    ...problems(401, 403, 404, 409, 503),
  },
})

const retryRoute = createRoute({
  method: 'post',
  path: '/runs/{id}/retry',
  summary: 'Do a run again: a new run on the latest revision, with the same tags and priority',
  tags: ['runs'],
  request: { params, body: { required: true, content: { 'application/json': { schema: retryRun } } } },
  responses: {
    202: {
      description: 'Started; Location names the new run.',
      headers: { location: { schema: { type: 'string' } } },
      content: { 'application/json': { schema: startedRun } },
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

function tagsOf(asked: string | readonly string[] | undefined): Record<string, string> {
  const pairs = [asked ?? []].flat().map((text) => {
    const tag = parseRunTag(text)
    if (tag !== null) return tag
    throw new RequestProblem(400, 'TAG_INVALID', 'tag: is not of the form key=value.', `${runTagRule}.`)
  })
  return Object.fromEntries(pairs)
}

export function runRoutes(deps: RouteDeps) {
  const { store, launcher, projects } = deps
  return createRouter()
    .openapi(listRoute, async (c) => {
      const { limit, before, tag, status, ...query } = c.req.valid('query')
      const scope = await projects.scope(query)
      const rows = await store.runs.list(scope, {
        limit: limit + 1,
        tags: tagsOf(tag),
        ...(status !== undefined && { status }),
        ...(before === undefined ? {} : { before }),
      })
      const items = rows.slice(0, limit).map(runView)
      const next = rows.length > limit ? (items.at(-1)?.run ?? null) : null
      return c.json<RunPage, 200>({ items, next }, 200)
    })
    .openapi(startRoute, async (c) => {
      const { selection, force, tags, priority, partitions, config } = c.req.valid('json')
      const { scope, revision, manifest, graph } = await projects.latest(await projects.scope(c.req.valid('query')))
      const targets = select(graph, selection)
      await assertPartitions(store, scope, manifest, targets, partitions)
      const asked = { selection, targets, force, tags, priority, partitions, config }
      const { run } = await launcher.startRun({ scope, revision, manifest, ...asked, ...runOptions(deps.runs, scope) })
      c.header('location', `/api/v1/runs/${encodeURIComponent(run)}`)
      return c.json<StartedRun, 202>({ run, targets: targets.length }, 202)
    })
    .openapi(getRoute, async (c) => {
      const { id } = c.req.valid('param')
      const [row, assets, logs] = await Promise.all([store.runs.get(id), store.runs.assets(id), store.logs.steps(id)])
      if (row === null) throw unknownRun(id)
      const waiting = hasEnded(row) ? [] : (await store.leases.use(row.environment)).waiting
      const workflowId = runWorkflowId(row, id)
      const workflowUrl = deps.workflowUrl?.(workflowId) ?? null
      return c.json<RunDetail, 200>(
        {
          ...runView(row),
          assets,
          logs,
          workflowId,
          workflowUrl,
          waiting: waiting.filter(({ run }) => run === id).map(waitingView),
        },
        200,
      )
    })
    .openapi(retryRoute, async (c) => {
      const { id } = c.req.valid('param')
      const row = await store.runs.get(id)
      if (row === null) throw unknownRun(id)
      const { scope, revision, manifest } = await projects.latest(row)
      const again = await rerunOf(store, row, c.req.valid('json').from, manifest).catch((error: unknown) => {
        throw isTraitlineError(error) ? new RequestProblem(409, error.code, error.message, error.hint) : error
      })
      const { run } = await launcher.startRun({ ...again, scope, revision, manifest, ...runOptions(deps.runs, scope) })
      c.header('location', `/api/v1/runs/${encodeURIComponent(run)}`)
      return c.json<StartedRun, 202>({ run, targets: again.targets.length }, 202)
    })
    .openapi(cancelRoute, async (c) => {
      const { id } = c.req.valid('param')
      const row = await store.runs.get(id)
      if (row === null) throw unknownRun(id)
      if (hasEnded(row)) {
        throw new RequestProblem(
          409,
          'RUN_ENDED',
          `Run ${id} has ${row.status} already.`,
          'There is nothing to cancel.',
        )
      }
      await launcher.cancelRun(row, id)
      return c.body(null, 202)
    })
}
