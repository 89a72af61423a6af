import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { createLiveFeed } from './live.ts'
import type { RouteDeps, ServerOptions } from './deps.ts'
import { describeSecurity, openApiDocument } from './openapi.ts'
import { problemOf, problemResponse, RequestProblem } from './problem.ts'
import { createProjectReader } from './project-reader.ts'
import { alertRoutes } from './routes/alerts.ts'
import { assetHistoryRoutes } from './routes/asset-history.ts'
import { assetRoutes } from './routes/assets.ts'
import { automationRoutes } from './routes/automation.ts'
import { checkRoutes } from './routes/checks.ts'
import { backfillRoutes } from './routes/backfills.ts'
import { eventRoutes } from './routes/events.ts'
import { graphRoutes } from './routes/graph.ts'
import { healthRoutes } from './routes/health.ts'
import { lineageRoutes } from './routes/lineage.ts'
import { logRoutes } from './routes/logs.ts'
import { messageRoutes } from './routes/messages.ts'
import { notebookRoutes } from './routes/notebooks.ts'
import { outboxRoutes } from './routes/outbox.ts'
import { planRoutes } from './routes/plan.ts'
import { partitionRoutes } from './routes/partitions.ts'
import { poolRoutes } from './routes/pools.ts'
import { reportRoutes } from './routes/reports.ts'
import { wipeRoutes } from './routes/wipe.ts'
import { revisionRoutes } from './routes/revisions.ts'
import { runRoutes } from './routes/runs.ts'
import { resourceRoutes } from './routes/resources.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { syncMappingRoutes } from './routes/sync-mapping.ts'
import { syncOperationRoutes } from './routes/sync-operations.ts'
import { syncRoutes } from './routes/syncs.ts'
import { sessionRoutes } from './routes/session.ts'
import { triggerRoutes } from './routes/triggers.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { securityHeaders } from './security/headers.ts'
import { loopbackHostOnly } from './security/host.ts'
import { sameOriginWrites } from './security/origin.ts'
import { textOnly } from './security/text.ts'
import { createTokenGate } from './security/token.ts'
import { uiRoutes } from './ui.ts'

export interface TraitlineServer {
  /** The app, listening nowhere yet: `app.fetch` answers requests. */
  readonly app: OpenAPIHono
  /** Lets go of the store's notifications and wakes whoever waits for events. */
  close(): Promise<void>
}

/**
 * The HTTP API, and the page if there is one.
 *
 * ```ts
 * const server = createServer({ store, launcher, pingTemporal, runs: { warehouse: 'duckdb-shop', concurrency: 8 } })
 * await server.app.request('/api/v1/assets')
 * ```
 */
export function createServer(options: ServerOptions): TraitlineServer {
  const onError = options.onError ?? (() => undefined)
  const live = createLiveFeed(options.store.events, onError)
  const deps: RouteDeps = { ...options, live, projects: createProjectReader(options.store, options.scope) }
  const gate = options.apiToken === undefined ? undefined : createTokenGate(options.apiToken)

  const app = new OpenAPIHono()
  describeSecurity(app)
  app.onError((error, c) => {
    if (problemOf(error).status >= 500) onError(error)
    return problemResponse(c, error)
  })
  app.notFound((c) => problemResponse(c, notFound(c.req.path)))

  app.use(securityHeaders)
  app.use(textOnly)
  app.use(compress())
  app.route('/', healthRoutes(deps))
  if (gate === undefined) app.use(loopbackHostOnly)
  app.route('/api/v1', webhookRoutes(deps))
  app.use(sameOriginWrites)
  app.use(bodyLimit({ maxSize: 1024 * 1024, onError: (c) => problemResponse(c, tooLarge()) }))

  app.route('/api/v1', sessionRoutes(gate))
  if (gate !== undefined) {
    app.use('/api/*', gate.required)
    app.use('/openapi.json', gate.required)
  }
  const routers = [
    assetRoutes(deps),
    assetHistoryRoutes(deps),
    alertRoutes(deps),
    outboxRoutes(deps),
    reportRoutes(deps),
    wipeRoutes(deps),
    checkRoutes(deps),
    graphRoutes(deps),
    lineageRoutes(deps),
    runRoutes(deps),
    partitionRoutes(deps),
    ...(options.backfills === undefined ? [] : [backfillRoutes({ ...deps, backfills: options.backfills })]),
    poolRoutes(deps),
    resourceRoutes(deps),
    syncRoutes(deps),
    syncMappingRoutes(deps),
    syncOperationRoutes(deps),
    planRoutes(deps),
    automationRoutes(deps),
    scheduleRoutes(deps),
    triggerRoutes(deps),
    eventRoutes(deps),
    logRoutes(deps),
    notebookRoutes(deps),
    revisionRoutes(deps),
    ...(options.messages === undefined ? [] : [messageRoutes(options.messages)]),
  ]
  for (const router of routers) app.route('/api/v1', router)
  app.get('/openapi.json', (c) => c.json(openApiDocument(app)))
  app.all('/api/*', (c) => problemResponse(c, notFound(c.req.path)))
  if (options.uiDir !== undefined) app.route('/', uiRoutes(options.uiDir, gate))

  return { app, close: () => live.close() }
}

function notFound(path: string): RequestProblem {
  return new RequestProblem(
    404,
    'ROUTE_NOT_FOUND',
    `There is nothing at ${path}.`,
    'See /openapi.json for what there is.',
  )
}

function tooLarge(): RequestProblem {
  return new RequestProblem(413, 'BODY_TOO_LARGE', 'The request’s body is larger than 1 MiB.', 'Send less at once.')
}
