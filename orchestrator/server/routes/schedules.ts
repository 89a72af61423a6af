import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { pauseNote, scheduleList, type ScheduleList } from '../schemas/automation.ts'
import { scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const params = z.object({
  name: z.string().min(1).max(300).openapi({ description: 'A schedule’s name, with `/` as `%2F`.' }),
})

const listRoute = createRoute({
  method: 'get',
  path: '/schedules',
  summary: 'Crons and sensors of a project: when they come next, what came, and whether they are paused',
  tags: ['automation'],
  request: { query: scopeQuery },
  responses: {
    200: { description: 'Schedules by name.', content: { 'application/json': { schema: scheduleList } } },
    ...problems(400, 401, 404, 503),
  },
})

function changeRoute(what: 'resume' | 'trigger', summary: string) {
  return createRoute({
    method: 'post',
    path: `/schedules/{name}/${what}`,
    summary,
    tags: ['automation'],
    request: { params, query: scopeQuery },
    responses: { 204: { description: 'Done.' }, ...problems(400, 401, 403, 404, 503) },
  })
}

const pauseRoute = createRoute({
  method: 'post',
  path: '/schedules/{name}/pause',
  summary: 'Let no further time of it come, until it is resumed; deploying does not resume it',
  tags: ['automation'],
  request: {
    params,
    query: scopeQuery,
    body: { required: false, content: { 'application/json': { schema: pauseNote } } },
  },
  responses: { 204: { description: 'Done.' }, ...problems(400, 401, 403, 404, 503) },
})

export function scheduleRoutes({ projects, schedules }: RouteDeps) {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const scope = await projects.scope(c.req.valid('query'))
      return c.json<ScheduleList, 200>({ items: await schedules.list(scope) }, 200)
    })
    .openapi(pauseRoute, async (c) => {
      const scope = await projects.scope(c.req.valid('query'))
      await schedules.pause(scope, c.req.valid('param').name, c.req.valid('json').note ?? '')
      return c.body(null, 204)
    })
    .openapi(changeRoute('resume', 'Let its times come again'), async (c) => {
      await schedules.resume(await projects.scope(c.req.valid('query')), c.req.valid('param').name)
      return c.body(null, 204)
    })
    .openapi(changeRoute('trigger', 'Act as if a time of it had come'), async (c) => {
      await schedules.trigger(await projects.scope(c.req.valid('query')), c.req.valid('param').name)
      return c.body(null, 204)
    })
}
