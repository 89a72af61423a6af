import { createRoute, z } from '@hono/zod-openapi'
import { isTraitlineError, type PausedSync, type SyncRejects } from '../../contract/index.ts'
import type { RouteDeps } from '../deps.ts'
import { RequestProblem } from '../problem.ts'
import { findSync } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { runOptions } from '../run-options.ts'
import { scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import {
  pauseSync,
  rejectsQuery,
  startedSyncRun,
  startSyncRun,
  syncRejects,
  syncState,
  type StartedSyncRun,
  type SyncState,
} from '../schemas/sync-operations.ts'

const params = z.object({ key: z.string().openapi({ description: 'The sync’s key, url-encoded.' }) })
const tags = ['syncs']
const state = { 'application/json': { schema: syncState } }

const stateRoute = createRoute({
  method: 'get',
  path: '/syncs/{key}',
  summary: 'Whether a sync is paused, and its last run',
  tags,
  request: { params, query: scopeQuery },
  responses: { 200: { description: 'As it is now.', content: state }, ...problems(400, 401, 403, 404, 503) },
})

const pauseRoute = createRoute({
  method: 'put',
  path: '/syncs/{key}/pause',
  summary: 'Have planned runs leave a sync out; one that is under way ends',
  tags,
  request: {
    params,
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: pauseSync } } },
  },
  responses: { 200: { description: 'It is paused.', content: state }, ...problems(400, 401, 403, 404, 503) },
})

const unpauseRoute = createRoute({
  method: 'delete',
  path: '/syncs/{key}/pause',
  summary: 'Let a sync go on',
  tags,
  request: { params, query: scopeQuery },
  responses: { 200: { description: 'It is not paused.', content: state }, ...problems(400, 401, 403, 404, 503) },
})

const runRoute = createRoute({
  method: 'post',
  path: '/syncs/{key}/runs',
  summary: 'Run a sync: a sample of its rows, only rejected ones, or one row',
  tags,
  request: {
    params,
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: startSyncRun } } },
  },
  responses: {
    202: { description: 'Started.', content: { 'application/json': { schema: startedSyncRun } } },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

const rejectsRoute = createRoute({
  method: 'get',
  path: '/syncs/{key}/rejects',
  summary: 'Rows that the destination rejected, skipped, or never answered for; keys are masked',
  tags,
  request: { params, query: scopeQuery.extend(rejectsQuery.shape) },
  responses: {
    200: { description: 'By key.', content: { 'application/json': { schema: syncRejects } } },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

/** A browser waits so long, and no longer. */
const askTimeoutMs = 60_000

export function syncOperationRoutes(deps: RouteDeps) {
  const { projects, launcher, store } = deps
  const found = async (query: z.infer<typeof scopeQuery>, key: string) => {
    const project = await projects.latest(await projects.scope(query))
    return { ...project, spec: findSync(project, key) }
  }
  type Found = Awaited<ReturnType<typeof found>>
  const stateOf = async ({ scope, spec }: Found): Promise<SyncState> => {
    const [pauses, [last]] = await Promise.all([store.syncs.paused(scope), store.syncs.list(scope, spec.key, 1)])
    const paused = pauses.find(({ sync }) => sync === spec.key) ?? null
    return { sync: spec.key, paused, last: last === undefined ? null : { ...last, degraded: [...last.degraded] } }
  }
  return createRouter()
    .openapi(stateRoute, async (c) => {
      const project = await found(c.req.valid('query'), c.req.valid('param').key)
      return c.json<SyncState, 200>(await stateOf(project), 200)
    })
    .openapi(pauseRoute, async (c) => {
      const project = await found(c.req.valid('query'), c.req.valid('param').key)
      const { reason = null } = c.req.valid('json')
      await store.syncs.pause(project.scope, project.spec.key, { by: 'user', reason })
      return c.json<SyncState, 200>(await stateOf(project), 200)
    })
    .openapi(unpauseRoute, async (c) => {
      const project = await found(c.req.valid('query'), c.req.valid('param').key)
      await store.syncs.unpause(project.scope, project.spec.key)
      return c.json<SyncState, 200>(await stateOf(project), 200)
    })
    .openapi(runRoute, async (c) => {
      const project = await found(c.req.valid('query'), c.req.valid('param').key)
      const { scope, revision, manifest, spec } = project
      const { row, ...options } = c.req.valid('json')
      const [paused] = (await store.syncs.paused(scope)).filter(({ sync }) => sync === spec.key)
      if (paused !== undefined) throw isPaused(paused)
      const where = runOptions(deps.runs, scope)
      const { warehouseQueue } = where
      const asked = { scope, revision, sync: spec.key, warehouseQueue, timeoutMs: askTimeoutMs }
      const sealedRow = row === undefined ? undefined : await launcher.sealRow({ ...asked, row }).catch(refused)
      const { run } = await launcher.startRun({
        ...{ scope, revision, manifest, selection: spec.key, targets: [spec.key], force: false, ...where },
        sync: { ...options, ...(sealedRow !== undefined && { sealedRow }) },
      })
      c.header('location', `/api/v1/runs/${encodeURIComponent(run)}`)
      return c.json<StartedSyncRun, 202>({ run, sync: spec.key }, 202)
    })
    .openapi(rejectsRoute, async (c) => {
      const query = c.req.valid('query')
      const { scope, revision, spec } = await found(query, c.req.valid('param').key)
      const { fate, code, limit, offset } = query
      const rejects = { limit, offset, ...(fate !== undefined && { fate }), ...(code !== undefined && { code }) }
      const { warehouseQueue } = runOptions(deps.runs, scope)
      const { answer } = await launcher
        .syncRejects({ scope, revision, sync: spec.key, rejects, warehouseQueue, timeoutMs: askTimeoutMs })
        .catch(refused)
      return c.json<SyncRejects, 200>(answer, 200)
    })
}

function isPaused({ sync, reason }: PausedSync): RequestProblem {
  const why = reason === null ? '' : `: ${reason}`
  return new RequestProblem(
    409,
    'SYNC_PAUSED',
    `${sync} is paused${why}.`,
    `Let it go on first: traitline sync unpause ${sync}`,
  )
}

function refused(error: unknown): never {
  if (!isTraitlineError(error) || error.blame === 'system') throw error
  throw new RequestProblem(409, error.code, error.message, error.hint)
}
