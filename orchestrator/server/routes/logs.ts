import { createRoute, z } from '@hono/zod-openapi'
import { stream } from 'hono/streaming'
import type { LogLine } from '../../store/store.ts'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { resumeFrom } from '../sse.ts'
import { streamLog } from '../log-stream.ts'
import { unknownRun } from '../run-view.ts'
import { pageLimit, runId } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { logPage, type LogPage } from '../schemas/run.ts'

const params = z.object({
  id: runId,
  step: z.string().max(300).openapi({ description: 'The step’s id, url-encoded: `dbt%2Fshop`.' }),
})

const after = z.coerce
  .number()
  .int()
  .min(0)
  .default(0)
  .openapi({ type: 'integer', description: 'Lines after this one.' })

const getRoute = createRoute({
  method: 'get',
  path: '/runs/{id}/logs/{step}',
  summary: 'What a step printed, page by page',
  description:
    'Plain text by default; as JSON, with line numbers and streams, when that is asked for with Accept. ' +
    'A Link header with rel=next leads to the lines after these, in plain text too.',
  tags: ['runs'],
  request: {
    params,
    query: z.object({
      after,
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

const streamRoute = createRoute({
  method: 'get',
  path: '/runs/{id}/logs/{step}/stream',
  summary: 'What a step prints, as it prints it: server-sent events',
  description:
    'Each event’s id is the number of its line and its data the line as JSON; a reader that comes back with ' +
    'Last-Event-ID goes on where it was. The event `end` says that nothing more will come.',
  tags: ['runs'],
  request: { params, query: z.object({ after }) },
  responses: {
    200: { description: 'Lines.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems(400, 401, 404, 503),
  },
})

const fileRoute = createRoute({
  method: 'get',
  path: '/runs/{id}/logs/{step}/file',
  summary: 'All that a step printed, as a file',
  description: 'Compressed where Accept-Encoding takes it.',
  tags: ['runs'],
  request: {
    params,
    query: z.object({
      format: z
        .enum(['text', 'ndjson'])
        .default('text')
        .openapi({ description: 'text: time, stream and text of each line; ndjson: one JSON object a line.' }),
    }),
  },
  responses: {
    200: {
      description: 'The file.',
      content: { 'text/*': { schema: z.string() }, 'application/x-ndjson': { schema: z.string() } },
    },
    ...problems(400, 401, 404, 503),
  },
})

export function logRoutes(deps: RouteDeps) {
  const { store } = deps
  return createRouter()
    .openapi(getRoute, async (c) => {
      const { id, step } = c.req.valid('param')
      const { after: start, limit } = c.req.valid('query')
      if ((await store.runs.get(id)) === null) throw unknownRun(id)
      const read = await store.logs.read(id, step, { after: start, limit: limit + 1 })
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
    .openapi(streamRoute, async (c) => {
      const { id, step } = c.req.valid('param')
      if ((await store.runs.get(id)) === null) throw unknownRun(id)
      return streamLog(c, deps, { run: id, step, after: resumeFrom(c, c.req.valid('query').after) ?? 0 })
    })
    .openapi(fileRoute, async (c) => {
      const { id, step } = c.req.valid('param')
      const { format } = c.req.valid('query')
      if ((await store.runs.get(id)) === null) throw unknownRun(id)
      const name = `${id}-${step}`.replaceAll(/[^\w-]+/g, '-')
      const { extension, type, print } = formats[format]
      c.header('content-type', type)
      c.header('content-disposition', `attachment; filename="${name}.${extension}"`)
      return stream(c, async (out) => {
        for (let position = 0; !out.aborted;) {
          const lines = await store.logs.read(id, step, { after: position, limit: filePage })
          await out.write(lines.map((line) => `${print(line)}\n`).join(''))
          if (lines.length < filePage) return
          position = lines.at(-1)?.number ?? position
        }
      })
    })
}

const filePage = 5_000

const formats: Readonly<
  Record<
    'text' | 'ndjson',
    { readonly extension: string; readonly type: string; readonly print: (line: LogLine) => string }
  >
> = {
  text: {
    extension: 'log',
    type: 'text/plain; charset=utf-8',
    print: ({ at, stream: from, text }) => `${at} ${from.padEnd(10)} ${text}`,
  },
  ndjson: { extension: 'ndjson', type: 'application/x-ndjson', print: (line) => JSON.stringify(line) },
}
