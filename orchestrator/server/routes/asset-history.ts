import { createRoute, z } from '@hono/zod-openapi'
import { RequestProblem } from '../problem.ts'
import type { RouteDeps } from '../deps.ts'
import { findAsset } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { cursor, pageLimit, scopeQuery } from '../schemas/common.ts'
import {
  checkList,
  materializationPage,
  syncRunList,
  type CheckList,
  type MaterializationPage,
  type SyncRunList,
} from '../schemas/materialization.ts'
import { problems } from '../schemas/problem.ts'

const params = z.object({ key: z.string().openapi({ description: 'The asset’s key, url-encoded.' }) })

const materializationsRoute = createRoute({
  method: 'get',
  path: '/assets/{key}/materializations',
  summary: 'Materialisations of an asset, latest first',
  tags: ['assets'],
  request: { params, query: scopeQuery.extend({ limit: pageLimit(20, 100), before: cursor }) },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: materializationPage } } },
    ...problems(400, 401, 404, 503),
  },
})

const checksRoute = createRoute({
  method: 'get',
  path: '/assets/{key}/checks',
  summary: 'Results of an asset’s checks, latest first',
  tags: ['assets'],
  request: {
    params,
    query: scopeQuery.extend({
      limit: pageLimit(50, 500),
      name: z.string().max(200).optional().openapi({ description: 'Of this check alone: its history.' }),
      partition: z.string().max(500).optional().openapi({ description: 'Of this partition alone.' }),
    }),
  },
  responses: {
    200: { description: 'Results.', content: { 'application/json': { schema: checkList } } },
    ...problems(400, 401, 404, 503),
  },
})

const syncsRoute = createRoute({
  method: 'get',
  path: '/assets/{key}/syncs',
  summary: 'Runs of a sync with their accounting, latest first',
  tags: ['assets'],
  request: { params, query: scopeQuery.extend({ limit: pageLimit(20, 100) }) },
  responses: {
    200: { description: 'Sync runs.', content: { 'application/json': { schema: syncRunList } } },
    ...problems(400, 401, 404, 503),
  },
})

export function assetHistoryRoutes({ store, projects }: RouteDeps) {
  const find = async (query: z.infer<typeof scopeQuery>, key: string) => {
    const project = await projects.latest(await projects.scope(query))
    return { scope: project.scope, spec: findAsset(project, key) }
  }
  return createRouter()
    .openapi(materializationsRoute, async (c) => {
      const { limit, before, ...query } = c.req.valid('query')
      const { scope, spec } = await find(query, c.req.valid('param').key)
      const rows = await store.assets.materializations(scope, spec.key, {
        limit: limit + 1,
        ...(before === undefined ? {} : { before }),
      })
      const items = rows.slice(0, limit)
      const next = rows.length > limit ? (items.at(-1)?.id ?? null) : null
      return c.json<MaterializationPage, 200>({ items, next }, 200)
    })
    .openapi(checksRoute, async (c) => {
      const { limit, name, partition, ...query } = c.req.valid('query')
      const { scope, spec } = await find(query, c.req.valid('param').key)
      return c.json<CheckList, 200>(
        {
          items: await store.checks.history(scope, spec.key, {
            ...{ limit, ...(name !== undefined && { name }), ...(partition !== undefined && { partition }) },
          }),
        },
        200,
      )
    })
    .openapi(syncsRoute, async (c) => {
      const { limit, ...query } = c.req.valid('query')
      const { scope, spec } = await find(query, c.req.valid('param').key)
      if (spec.kind !== 'sync') {
        throw new RequestProblem(404, 'NOT_A_SYNC', `${spec.key} is not a sync.`, 'Ask for a key under sync/.')
      }
      return c.json<SyncRunList, 200>({ items: await store.syncs.list(scope, spec.key, limit) }, 200)
    })
}
