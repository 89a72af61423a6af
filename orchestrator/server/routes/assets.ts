import { createRoute, z } from '@hono/zod-openapi'
import type { AssetKey } from '../../contract/index.ts'
import { select } from '../../graph/index.ts'
import { slasOf, staleReasons, summarize } from '../asset-view.ts'
import type { RouteDeps } from '../deps.ts'
import { destinationOf, distances, findAsset, specOf, statusByKey } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { assetDetail, assetPage, type AssetDetail, type AssetPage, type AssetRef } from '../schemas/asset.ts'
import { cursor, pageLimit, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/assets',
  summary: 'Assets of the latest revision with their status, in topological order',
  tags: ['assets'],
  request: {
    query: scopeQuery.extend({
      select: z
        .string()
        .max(2000)
        .optional()
        .openapi({ description: 'A selection, as the CLI takes it.', examples: ['+audience/at_risk', 'kind:trait'] }),
      limit: pageLimit(200, 1000),
      after: cursor,
    }),
  },
  responses: {
    200: { description: 'A page of assets.', content: { 'application/json': { schema: assetPage } } },
    ...problems(400, 401, 404, 503),
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/assets/{key}',
  summary: 'One asset: definition, status, lineage and latest materialisation',
  tags: ['assets'],
  request: {
    params: z.object({ key: z.string().openapi({ description: 'The asset’s key, url-encoded: `trait%2Forders`.' }) }),
    query: scopeQuery,
  },
  responses: {
    200: { description: 'The asset.', content: { 'application/json': { schema: assetDetail } } },
    ...problems(400, 401, 404, 503),
  },
})

export function assetRoutes({ store, projects, clock = () => new Date() }: RouteDeps) {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const query = c.req.valid('query')
      const project = await projects.latest(await projects.scope(query))
      const keys = select(project.graph, query.select ?? '*')
      const start = query.after === undefined ? 0 : keys.indexOf(query.after as AssetKey) + 1
      const specs = keys.slice(start, start + query.limit).map((key) => specOf(project, key))
      const wanted = new Set<AssetKey>(specs.flatMap((spec) => [spec.key, ...spec.deps]))
      const [statuses, states, slas] = await Promise.all([
        statusByKey(store, project),
        store.assets.states(project.scope, [...wanted]),
        slasOf(store, project.scope, specs, project.manifest.asOf, clock()),
      ])
      const items = specs.map((spec) =>
        summarize(spec, statuses.get(spec.key), staleReasons(spec, states).length > 0, slas.get(spec.key) ?? null),
      )
      const more = start + query.limit < keys.length
      return c.json<AssetPage, 200>({ items, total: keys.length, next: more ? (items.at(-1)?.key ?? null) : null }, 200)
    })
    .openapi(getRoute, async (c) => {
      const project = await projects.latest(await projects.scope(c.req.valid('query')))
      const spec = findAsset(project, c.req.valid('param').key)
      const { scope, graph } = project
      const above = distances(spec.key, graph.upstream)
      const below = distances(spec.key, graph.downstream)
      const related = [spec.key, ...above.keys(), ...below.keys()]
      const read = new Set<AssetKey>(related.flatMap((key) => [key, ...specOf(project, key).deps]))
      const [statuses, states, materializations, slas] = await Promise.all([
        statusByKey(store, project),
        store.assets.states(scope, [...read]),
        store.assets.materializations(scope, spec.key, { limit: 1 }),
        slasOf(store, scope, [spec], project.manifest.asOf, clock()),
      ])
      const reasons = staleReasons(spec, states)
      const reference = ([key, depth]: [AssetKey, number]): AssetRef => {
        const other = specOf(project, key)
        return {
          key,
          kind: other.kind,
          status: statuses.get(key)?.status ?? 'never',
          stale: staleReasons(other, states).length > 0,
          depth,
          trait: other.kind === 'trait' ? other.trait : null,
        }
      }
      return c.json<AssetDetail, 200>(
        {
          ...summarize(spec, statuses.get(spec.key), reasons.length > 0, slas.get(spec.key) ?? null),
          revision: project.revision,
          spec,
          entity:
            'entity' in spec ? (project.manifest.entities.find(({ name }) => name === spec.entity) ?? null) : null,
          destination: destinationOf(project, spec),
          reasons,
          upstream: [...above].map(reference),
          downstream: [...below].map(reference),
          latest: materializations[0] ?? null,
        },
        200,
      )
    })
}
