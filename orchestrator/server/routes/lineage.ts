import { createRoute, z } from '@hono/zod-openapi'
import { nearest } from '../../graph/index.ts'
import type { RouteDeps } from '../deps.ts'
import { assetLineageView, columnLineageView, createLineageReader, type Ways } from '../lineage-view.ts'
import { RequestProblem } from '../problem.ts'
import { findAsset } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { assetLineage, columnLineage, type AssetLineage, type ColumnLineage } from '../schemas/lineage.ts'
import { problems } from '../schemas/problem.ts'

const query = scopeQuery.extend({
  asset: z.string().openapi({ description: 'The asset’s key.', examples: ['trait/lifetime_value'] }),
  direction: z
    .enum(['up', 'down', 'both'])
    .default('both')
    .openapi({ description: 'What it is made of, what is made of it, or both.' }),
  depth: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .openapi({ type: 'integer', description: 'Edges to follow at most; all of them unless told.' }),
})

const assetsRoute = createRoute({
  method: 'get',
  path: '/lineage',
  summary: 'What an asset is made of, and what is made of it',
  tags: ['lineage'],
  request: { query },
  responses: {
    200: { description: 'Its lineage.', content: { 'application/json': { schema: assetLineage } } },
    ...problems(400, 401, 404, 503),
  },
})

const columnsRoute = createRoute({
  method: 'get',
  path: '/lineage/columns',
  summary: 'What a column is made of, down to sources, and what is made of it, up to fields of destinations',
  description:
    'Filters, joins, groupings, orders, windows and conditions count too: they come as edges whose uses are indirect, to a column or, with the column null, to which rows an asset has.',
  tags: ['lineage'],
  request: {
    query: query.extend({
      column: z.string().openapi({ description: 'A column; of a sync, a field of its destination.' }),
    }),
  },
  responses: {
    200: { description: 'Its lineage.', content: { 'application/json': { schema: columnLineage } } },
    ...problems(400, 401, 404, 503),
  },
})

export function lineageRoutes({ store, projects }: RouteDeps) {
  const lineageOf = createLineageReader(store)
  return createRouter()
    .openapi(assetsRoute, async (c) => {
      const { asset, direction, depth = Infinity, ...scope } = c.req.valid('query')
      const project = await projects.latest(await projects.scope(scope))
      const { key } = findAsset(project, asset)
      const known = await lineageOf(project)
      const view = assetLineageView(project, known, { asset: key, ways: waysOf(direction), depth })
      return c.json<AssetLineage, 200>(view, 200)
    })
    .openapi(columnsRoute, async (c) => {
      const { asset, column, direction, depth = Infinity, ...scope } = c.req.valid('query')
      const project = await projects.latest(await projects.scope(scope))
      const { key } = findAsset(project, asset)
      const known = await lineageOf(project)
      if (known.index?.has(key, column) === false) throw unknownColumn(key, column, known.index.columns(key))
      const view = columnLineageView(project, known, { asset: key, column, ways: waysOf(direction), depth })
      return c.json<ColumnLineage, 200>(view, 200)
    })
}

function waysOf(direction: 'up' | 'down' | 'both'): Ways {
  return direction === 'both' ? ['up', 'down'] : [direction]
}

function unknownColumn(asset: string, column: string, columns: readonly string[]): RequestProblem {
  const near = nearest(column, columns)
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `It has ${columns.join(', ')}.`
  return new RequestProblem(404, 'COLUMN_NOT_FOUND', `${asset} has no column ${column}.`, hint)
}
