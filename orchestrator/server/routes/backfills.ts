import { createRoute, z } from '@hono/zod-openapi'
import { isTraitlineError } from '../../contract/index.ts'
import { select } from '../../graph/index.ts'
import type { Backfills } from '../../launch/index.ts'
import type { BackfillRow } from '../../store/store.ts'
import type { RouteDeps } from '../deps.ts'
import { assertPartitions } from '../partition-reader.ts'
import { RequestProblem } from '../problem.ts'
import { createRouter } from '../router.ts'
import { runOptions } from '../run-options.ts'
import {
  backfill,
  backfillBatches,
  backfillList,
  batchStatus,
  startBackfill,
  type Backfill,
  type BackfillBatches,
  type BackfillList,
} from '../schemas/backfill.ts'
import { pageLimit, runId, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const params = z.object({ id: runId })
const one = { description: 'The backfill.', content: { 'application/json': { schema: backfill } } }

const listRoute = createRoute({
  method: 'get',
  path: '/backfills',
  summary: 'Backfills with their progress, latest first',
  tags: ['partitions'],
  request: { query: scopeQuery.extend({ limit: pageLimit(20, 100) }) },
  responses: {
    200: { description: 'Backfills.', content: { 'application/json': { schema: backfillList } } },
    ...problems(400, 401, 404, 503),
  },
})

const getRoute = createRoute({
  method: 'get',
  path: '/backfills/{id}',
  summary: 'One backfill with its progress',
  tags: ['partitions'],
  request: { params },
  responses: { 200: one, ...problems(401, 404, 503) },
})

const batchesRoute = createRoute({
  method: 'get',
  path: '/backfills/{id}/batches',
  summary: 'Batches of a backfill, each a run, in their order',
  tags: ['partitions'],
  request: {
    params,
    query: z.object({
      limit: pageLimit(100, 1000),
      after: z.coerce.number().int().min(-1).default(-1).openapi({ type: 'integer' }),
      status: batchStatus.optional(),
    }),
  },
  responses: {
    200: { description: 'Batches.', content: { 'application/json': { schema: backfillBatches } } },
    ...problems(400, 401, 404, 503),
  },
})

const startRoute = createRoute({
  method: 'post',
  path: '/backfills',
  summary: 'Start a backfill of the latest revision',
  tags: ['partitions'],
  request: {
    query: scopeQuery,
    body: { required: true, content: { 'application/json': { schema: startBackfill } } },
  },
  responses: { 202: one, ...problems(400, 401, 403, 404, 503) },
})

const steerRoute = createRoute({
  method: 'post',
  path: '/backfills/{id}/{action}',
  summary: 'Pause a backfill, resume it, cancel it, or make again what of it failed',
  tags: ['partitions'],
  request: { params: params.extend({ action: z.enum(['pause', 'resume', 'cancel', 'retry']) }) },
  responses: { 202: one, ...problems(400, 401, 403, 404, 409, 503) },
})

export function backfillRoutes({ store, projects, backfills, runs }: RouteDeps & { readonly backfills: Backfills }) {
  const find = async (id: string): Promise<BackfillRow> => {
    const row = await store.backfills.get(id)
    if (row !== null) return row
    throw new RequestProblem(404, 'BACKFILL_NOT_FOUND', `There is no backfill ${id}.`, 'Look for it under /backfills.')
  }
  return createRouter()
    .openapi(listRoute, async (c) => {
      const { limit, ...query } = c.req.valid('query')
      const items = await store.backfills.list(await projects.scope(query), limit)
      return c.json<BackfillList, 200>({ items }, 200)
    })
    .openapi(getRoute, async (c) => c.json<Backfill, 200>(await find(c.req.valid('param').id), 200))
    .openapi(batchesRoute, async (c) => {
      const { id } = c.req.valid('param')
      const { limit, after, status } = c.req.valid('query')
      await find(id)
      const rows = await store.backfills.batches(id, { limit: limit + 1, after, ...(status && { status }) })
      const items = rows.slice(0, limit)
      const next = rows.length > limit ? (items.at(-1)?.batch ?? null) : null
      return c.json<BackfillBatches, 200>({ items, next }, 200)
    })
    .openapi(startRoute, async (c) => {
      const asked = c.req.valid('json')
      const { scope, revision, manifest, graph } = await projects.latest(await projects.scope(c.req.valid('query')))
      const targets = select(graph, asked.selection)
      await assertPartitions(store, scope, manifest, targets, asked.partitions)
      const id = await backfills.start({ scope, revision, targets, ...asked, ...runOptions(runs, scope) })
      return c.json<Backfill, 202>(await find(id), 202)
    })
    .openapi(steerRoute, async (c) => {
      const { id, action } = c.req.valid('param')
      const row = await find(id)
      const done = action === 'retry' ? backfills.retry(row, runOptions(runs, row)) : backfills[action](row)
      await done.catch((error: unknown) => {
        throw isTraitlineError(error) ? new RequestProblem(409, error.code, error.message, error.hint) : error
      })
      return c.json<Backfill, 202>(await find(id), 202)
    })
}
