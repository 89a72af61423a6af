import { createRoute, z } from '@hono/zod-openapi'
import { dryRunAutomation, readAutomation } from '../automation-view.ts'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import {
  automationDryRun,
  automationList,
  automationPage,
  runRequestPage,
  type AutomationDryRun,
  type AutomationList,
  type AutomationPage,
  type RunRequestPage,
} from '../schemas/automation.ts'
import { assetKey, cursor, pageLimit, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const number = z
  .string()
  .regex(/^\d{1,18}$/)
  .optional()
  .openapi({ description: '`next` of the page before.' })

const listRoute = createRoute({
  method: 'get',
  path: '/automation',
  summary: 'Assets with a condition, and what its last evaluation said',
  tags: ['automation'],
  request: { query: scopeQuery.extend({ asset: assetKey.optional() }) },
  responses: {
    200: {
      description: 'In topological order; of one asset alone if it is named.',
      content: { 'application/json': { schema: automationList } },
    },
    ...problems(400, 401, 404, 503),
  },
})

const historyRoute = createRoute({
  method: 'get',
  path: '/automation/history',
  summary: 'Evaluations that decided otherwise than the one before, latest first',
  tags: ['automation'],
  request: { query: scopeQuery.extend({ asset: assetKey.optional(), limit: pageLimit(50, 200), before: number }) },
  responses: {
    200: { description: 'A page of evaluations.', content: { 'application/json': { schema: automationPage } } },
    ...problems(400, 401, 404, 503),
  },
})

const dryRunRoute = createRoute({
  method: 'post',
  path: '/automation/dry-run',
  summary: 'What an evaluation of all conditions would decide now; nothing is kept and nothing started',
  tags: ['automation'],
  request: { query: scopeQuery },
  responses: {
    200: { description: 'Decisions.', content: { 'application/json': { schema: automationDryRun } } },
    ...problems(400, 401, 403, 404, 503),
  },
})

const requestsRoute = createRoute({
  method: 'get',
  path: '/run-requests',
  summary: 'Runs that conditions, sensors and webhooks asked for, latest first',
  tags: ['automation'],
  request: {
    query: scopeQuery.extend({ origin: z.string().max(100).optional(), limit: pageLimit(50, 200), before: cursor }),
  },
  responses: {
    200: { description: 'A page of requests.', content: { 'application/json': { schema: runRequestPage } } },
    ...problems(400, 401, 404, 503),
  },
})

export function automationRoutes({ store, projects }: RouteDeps) {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const { asset, ...query } = c.req.valid('query')
      const project = await projects.latest(await projects.scope(query))
      return c.json<AutomationList, 200>(
        await readAutomation(store, project, asset === undefined ? null : [asset]),
        200,
      )
    })
    .openapi(historyRoute, async (c) => {
      const { asset, limit, before, ...query } = c.req.valid('query')
      const scope = await projects.scope(query)
      const rows = await store.automation.history(scope, {
        ...(asset !== undefined && { asset }),
        ...(before !== undefined && { before }),
        limit: limit + 1,
      })
      const items = rows.slice(0, limit)
      const next = rows.length > limit ? (items.at(-1)?.id ?? null) : null
      return c.json<AutomationPage, 200>({ items, next }, 200)
    })
    .openapi(dryRunRoute, async (c) => {
      const project = await projects.latest(await projects.scope(c.req.valid('query')))
      return c.json<AutomationDryRun, 200>(await dryRunAutomation(store, project), 200)
    })
    .openapi(requestsRoute, async (c) => {
      const { origin, limit, before, ...query } = c.req.valid('query')
      const scope = await projects.scope(query)
      const rows = await store.requests.list(scope, {
        ...(origin !== undefined && { origin }),
        ...(before !== undefined && { before }),
        limit: limit + 1,
      })
      const items = rows.slice(0, limit)
      const next = rows.length > limit ? (items.at(-1)?.run ?? null) : null
      return c.json<RunRequestPage, 200>({ items, next }, 200)
    })
}
