import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { hasEnded, unknownRun } from '../run-view.ts'
import { runId, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { event } from '../schemas/run.ts'
import { resumeFrom, streamEvents } from '../sse.ts'

const after = z.coerce.number().int().min(0).optional().openapi({
  type: 'integer',
  description:
    'Only events after this sequence. A Last-Event-ID header, which browsers send by themselves, goes first.',
})

const stream = {
  description: 'Server-sent events: the id is the sequence, the data an Event as JSON. Comments keep it alive.',
  content: { 'text/event-stream': { schema: event } },
}

const runEventsRoute = createRoute({
  method: 'get',
  path: '/runs/{id}/events',
  summary: 'Events of one run, from its first; ends with an `end` event when all of an ended run are told',
  tags: ['events'],
  request: { params: z.object({ id: runId }), query: z.object({ after }) },
  responses: {
    200: stream,
    204: { description: 'The run has ended and there is nothing after Last-Event-ID: browsers stop asking.' },
    ...problems(401, 404, 503),
  },
})

const eventsRoute = createRoute({
  method: 'get',
  path: '/events',
  summary: 'Events of a project as they happen, from now on unless told where to go on',
  tags: ['events'],
  request: { query: scopeQuery.extend({ after }) },
  responses: { 200: stream, ...problems(400, 401, 404, 503) },
})

export function eventRoutes(deps: RouteDeps) {
  const { store, projects } = deps
  return createRouter()
    .openapi(runEventsRoute, async (c) => {
      const { id } = c.req.valid('param')
      const row = await store.runs.get(id)
      if (row === null) throw unknownRun(id)
      const resumed = resumeFrom(c, undefined)
      if (resumed !== undefined && hasEnded(row)) {
        const left = await store.events.after(resumed, { run: id }, 1)
        if (left.length === 0) return c.body(null, 204)
      }
      const ended = async () => {
        const now = await store.runs.get(id)
        return now === null || hasEnded(now)
      }
      return streamEvents(c, deps, {
        filter: { run: id },
        after: resumed ?? c.req.valid('query').after ?? 0,
        ended,
      })
    })
    .openapi(eventsRoute, async (c) => {
      const query = c.req.valid('query')
      const scope = await projects.scope(query)
      const start = resumeFrom(c, query.after) ?? (await store.events.lastSequence())
      return streamEvents(c, deps, { filter: { scope }, after: start })
    })
}
