import { createRoute, z } from '@hono/zod-openapi'
import { isTraitlineError } from '../../contract/index.ts'
import type { RouteDeps } from '../deps.ts'
import { RequestProblem } from '../problem.ts'
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
      await Promise.all([store.ping(), reach(pingTemporal)])
      return c.json<State, 200>({ status: 'ok' }, 200)
    })
}

const patienceMs = 3000

/** However Temporal fails to answer, the same is said of it. */
async function reach(ping: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(temporalUnreachable()), patienceMs)
  })
  try {
    await Promise.race([ping(), late])
  } catch (error) {
    throw isTraitlineError(error) ? error : temporalUnreachable()
  } finally {
    clearTimeout(timer)
  }
}

function temporalUnreachable(): RequestProblem {
  return new RequestProblem(
    503,
    'TEMPORAL_UNREACHABLE',
    'Temporal does not answer.',
    'See whether it runs, and whether TEMPORAL_ADDRESS names it.',
  )
}
