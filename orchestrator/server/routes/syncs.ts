import { createRoute, z } from '@hono/zod-openapi'
import { isTraitlineError, unfitRequest, type AssetKey, type SyncDryRun } from '../../contract/index.ts'
import type { RouteDeps } from '../deps.ts'
import { RequestProblem } from '../problem.ts'
import { findAsset } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { resendRequested, type ResendRequested } from '../schemas/materialization.ts'
import { askDryRun, syncDryRun } from '../schemas/dry-run.ts'
import { problems } from '../schemas/problem.ts'
import { askSync, syncAsked, type SyncAsked } from '../schemas/sync-request.ts'
import { runOptions } from '../run-options.ts'

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

const dryRunRoute = createRoute({
  method: 'post',
  path: '/syncs/{key}/dry-run',
  summary: 'What a sync would add, change and remove at its destination now; nothing is sent, and nothing changes',
  tags: ['syncs'],
  request: {
    params: z.object({ key: z.string().openapi({ description: 'The sync’s key, url-encoded.' }) }),
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: askDryRun } } },
  },
  responses: {
    200: {
      description: 'The differences, counted, with samples whose values are masked.',
      content: { 'application/json': { schema: syncDryRun } },
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

const askRoute = createRoute({
  method: 'post',
  path: '/syncs/{key}/requests',
  summary: 'Ask the next run of a sync to send everything, to adopt what is there, or to forget what left',
  tags: ['syncs'],
  request: {
    params: z.object({ key: z.string().openapi({ description: 'The sync’s key, url-encoded.' }) }),
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: askSync } } },
  },
  responses: {
    202: {
      description: 'Noted: the sync is stale, and its next run does it. It takes the place of what was asked before.',
      content: { 'application/json': { schema: syncAsked } },
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
})

/** A browser waits so long, and no longer. */
const dryRunTimeoutMs = 60_000

export function syncRoutes(deps: RouteDeps) {
  const { store, projects, launcher } = deps
  const router = createRouter().openapi(dryRunRoute, async (c) => {
    const project = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = findAsset(project, c.req.valid('param').key)
    if (spec.kind !== 'sync') throw notASync(spec.key)
    const { scope, revision } = project
    const { warehouseQueue } = runOptions(deps.runs, scope)
    const { samples } = c.req.valid('json')
    const { answer } = await launcher
      .dryRunSync({ scope, revision, sync: spec.key, samples, warehouseQueue, timeoutMs: dryRunTimeoutMs })
      .catch((error: unknown) => {
        if (!isTraitlineError(error) || error.blame === 'system') throw error
        throw new RequestProblem(409, error.code, error.message, error.hint)
      })
    return c.json<SyncDryRun, 200>(answer, 200)
  })
  router.openapi(askRoute, async (c) => {
    const project = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = findAsset(project, c.req.valid('param').key)
    if (spec.kind !== 'sync') throw notASync(spec.key)
    const { request } = c.req.valid('json')
    const unfit = unfitRequest(spec, request)
    if (unfit !== null) throw new RequestProblem(409, unfit.code, unfit.message, unfit.hint)
    await store.syncs.request(project.scope, spec.key, spec.from, request)
    return c.json<SyncAsked, 202>({ sync: spec.key, request }, 202)
  })
  return router.openapi(resendRoute, async (c) => {
    const project = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = findAsset(project, c.req.valid('param').key)
    if (spec.kind !== 'sync') throw notASync(spec.key)
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

function notASync(key: AssetKey): RequestProblem {
  return new RequestProblem(404, 'NOT_A_SYNC', `${key} is not a sync.`, 'Ask for a key under sync/.')
}
