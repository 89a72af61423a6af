import { createRoute, z } from '@hono/zod-openapi'
import { partitionKeyPattern } from '../../graph/index.ts'
import type { RouteDeps } from '../deps.ts'
import { partitioningOf } from '../partition-reader.ts'
import { partitionPage as readPage, partitionRanges as readRanges } from '../partition-view.ts'
import { RequestProblem } from '../problem.ts'
import { findAsset } from '../project-view.ts'
import { createRouter } from '../router.ts'
import { unknownRun } from '../run-view.ts'
import { cursor, pageLimit, runId, scopeQuery } from '../schemas/common.ts'
import {
  changedPartitionKeys,
  changePartitionKeys,
  outcomeStatus,
  partitionHistory,
  partitionKeys,
  partitionPage,
  partitionRanges,
  partitionStatus,
  runPartitionPage,
  type ChangedPartitionKeys,
  type PartitionHistory,
  type PartitionKeys,
  type PartitionPage,
  type PartitionRanges,
  type RunPartitionPage,
} from '../schemas/partition.ts'
import { problems } from '../schemas/problem.ts'

const assetParams = z.object({ key: z.string().openapi({ description: 'The asset’s key, url-encoded.' }) })
const setParams = z.object({ set: z.string().max(200) })

const pageRoute = createRoute({
  method: 'get',
  path: '/assets/{key}/partitions',
  summary: 'Partitions of an asset, latest first, with counts by status',
  tags: ['partitions'],
  request: {
    params: assetParams,
    query: scopeQuery.extend({ limit: pageLimit(100, 1000), before: cursor, status: partitionStatus.optional() }),
  },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: partitionPage } } },
    ...problems(400, 401, 404, 503),
  },
})

const rangesRoute = createRoute({
  method: 'get',
  path: '/assets/{key}/partitions/ranges',
  summary: 'All partitions of an asset as ranges of one status, in order',
  tags: ['partitions'],
  request: { params: assetParams, query: scopeQuery },
  responses: {
    200: { description: 'Ranges.', content: { 'application/json': { schema: partitionRanges } } },
    ...problems(400, 401, 404, 503),
  },
})

const historyRoute = createRoute({
  method: 'get',
  path: '/assets/{key}/partitions/{partition}/runs',
  summary: 'What became of one partition, run by run, latest first',
  tags: ['partitions'],
  request: {
    params: assetParams.extend({ partition: z.string().max(500) }),
    query: scopeQuery.extend({ limit: pageLimit(20, 200) }),
  },
  responses: {
    200: { description: 'Outcomes.', content: { 'application/json': { schema: partitionHistory } } },
    ...problems(400, 401, 404, 503),
  },
})

const ofRunRoute = createRoute({
  method: 'get',
  path: '/runs/{id}/partitions',
  summary: 'Partitions of a run, in the order of its plan',
  tags: ['partitions'],
  request: {
    params: z.object({ id: runId }),
    query: z.object({ limit: pageLimit(100, 1000), after: cursor, status: outcomeStatus.optional() }),
  },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: runPartitionPage } } },
    ...problems(400, 401, 404, 503),
  },
})

const keysRoute = createRoute({
  method: 'get',
  path: '/partition-sets/{set}',
  summary: 'Keys of a dynamic dimension, in the order in which they were added',
  tags: ['partitions'],
  request: { params: setParams, query: scopeQuery },
  responses: {
    200: { description: 'Keys.', content: { 'application/json': { schema: partitionKeys } } },
    ...problems(400, 401, 404, 503),
  },
})

const changeRoute = createRoute({
  method: 'post',
  path: '/partition-sets/{set}',
  summary: 'Add keys to a dynamic dimension, or remove them; what was made of a removed one stays',
  tags: ['partitions'],
  request: {
    params: setParams,
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: changePartitionKeys } } },
  },
  responses: {
    200: { description: 'How many changed.', content: { 'application/json': { schema: changedPartitionKeys } } },
    ...problems(400, 401, 403, 404, 503),
  },
})

export function partitionRoutes({ store, projects }: RouteDeps) {
  const find = async (query: z.infer<typeof scopeQuery>, key: string) => {
    const project = await projects.latest(await projects.scope(query))
    const spec = findAsset(project, key)
    const partitioning = await partitioningOf(store, project.scope, project.manifest, spec)
    if (partitioning !== null) return { scope: project.scope, spec, partitioning }
    throw new RequestProblem(404, 'NOT_PARTITIONED', `${spec.key} has no partitions.`, 'It is made as a whole.')
  }
  return createRouter()
    .openapi(pageRoute, async (c) => {
      const { limit, before, status, ...query } = c.req.valid('query')
      const asked = await find(query, c.req.valid('param').key)
      return c.json<PartitionPage, 200>(await readPage(store, asked, { limit, before, status }), 200)
    })
    .openapi(rangesRoute, async (c) => {
      const asked = await find(c.req.valid('query'), c.req.valid('param').key)
      return c.json<PartitionRanges, 200>(await readRanges(store, asked), 200)
    })
    .openapi(historyRoute, async (c) => {
      const { limit, ...query } = c.req.valid('query')
      const { key, partition } = c.req.valid('param')
      const { scope, spec } = await find(query, key)
      const items = await store.partitions.history(scope, spec.key, partition, limit)
      return c.json<PartitionHistory, 200>({ items }, 200)
    })
    .openapi(ofRunRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { limit, after, status } = c.req.valid('query')
      if ((await store.runs.get(id)) === null) throw unknownRun(id)
      const offset = Number(after ?? 0) || 0
      const rows = await store.partitions.ofRun(id, { limit: limit + 1, offset, ...(status && { status }) })
      const next = rows.length > limit ? String(offset + limit) : null
      return c.json<RunPartitionPage, 200>({ items: rows.slice(0, limit), next }, 200)
    })
    .openapi(keysRoute, async (c) => {
      const scope = await projects.scope(c.req.valid('query'))
      const { set } = c.req.valid('param')
      return c.json<PartitionKeys, 200>({ set, keys: await store.partitions.keys(scope, set) }, 200)
    })
    .openapi(changeRoute, async (c) => {
      const scope = await projects.scope(c.req.valid('query'))
      const { set } = c.req.valid('param')
      const { add, remove } = c.req.valid('json')
      assertKeys(add)
      const added = await store.partitions.addKeys(scope, set, add)
      const removed = await store.partitions.removeKeys(scope, set, remove)
      return c.json<ChangedPartitionKeys, 200>({ added, removed }, 200)
    })
}

function assertKeys(keys: readonly string[]): void {
  const bad = keys.find((key) => !partitionKeyPattern.test(key))
  if (bad === undefined) return
  const fix = 'Keys have letters, digits, spaces and _ . : + -, at most 100 characters, and no two dots in a row.'
  throw new RequestProblem(400, 'PARTITION_KEY_INVALID', 'add: a key cannot be one.', fix)
}
