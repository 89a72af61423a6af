import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { unknownRun } from '../run-view.ts'
import { pageLimit } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { logPage, type LogPage } from '../schemas/run.ts'

const getRoute = createRoute({
  method: 'get',
  path: '/runs/{id}/logs/{step}',
  summary: 'What a step printed, page by page',
  description:
    'Plain text by default; as JSON, with line numbers and streams, when that is asked for with Accept. ' +
    'A Link header with rel=next leads to the lines after these, in plain text too.',
  tags: ['runs'],
  request: {
    params: z.object({
      id: z.string().max(100),
      step: z.string().max(300).openapi({ description: 'The step’s id, url-encoded: `dbt%2Fshop`.' }),
    }),
    query: z.object({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ type: 'integer', description: 'Lines after this one.' }),
      limit: pageLimit(1000, 10_000),
    }),
  },
  responses: {
    200: {
      description: 'Lines.',
      content: { 'text/plain': { schema: z.string() }, 'application/json': { schema: logPage } },
    },
    ...problems(400, 401, 404, 503),
  },
})

export function logRoutes({ store }: RouteDeps) {
  return createRouter().openapi(getRoute, async (c) => {
    const { id, step } = c.req.valid('param')
    const { after, limit } = c.req.valid('query')
    if ((await store.runs.get(id)) === null) throw unknownRun(id)
    const read = await store.logs.read(id, step, { after, limit: limit + 1 })
    const lines = read.slice(0, limit)
    const next = read.length > limit ? (lines.at(-1)?.number ?? null) : null
    c.header('vary', 'accept')
    if (next !== null) {
      const path = `/api/v1/runs/${encodeURIComponent(id)}/logs/${encodeURIComponent(step)}`
      c.header('link', `<${path}?after=${next}&limit=${limit}>; rel="next"`)
    }
    if ((c.req.header('accept') ?? '').includes('application/json')) {
      return c.json<LogPage, 200>({ lines, next }, 200)
    }
    return c.text(lines.map((line) => `${line.text}\n`).join(''), 200)
  })
}
