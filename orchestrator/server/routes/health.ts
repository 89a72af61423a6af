import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { problems } from '../schemas/problem.ts'

const state = z.object({ status: z.literal('ok') }).openapi('Health')
type State = z.infer<typeof state>

const aliveRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'The process is alive',
  tags: ['health'],
  security: [],
  responses: { 200: { description: 'It is.', content: { 'application/json': { schema: state } } } },
})

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'The record and Temporal can be reached',
  tags: ['health'],
  security: [],
  responses: {
    200: { description: 'They can.', content: { 'application/json': { schema: state } } },
    ...problems(503),
  },
})

export function healthRoutes({ store, pingTemporal }: RouteDeps) {
  return createRouter()
    .openapi(aliveRoute, (c) => c.json<State, 200>({ status: 'ok' }, 200))
    .openapi(readyRoute, async (c) => {
      await Promise.all([store.ping(), pingTemporal()])
      return c.json<State, 200>({ status: 'ok' }, 200)
    })
}
