import { createRoute, z } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { jsonValueSchema } from '../../schema/index.ts'
import type { RouteDeps } from '../deps.ts'
import { problemResponse, RequestProblem } from '../problem.ts'
import { createRouter } from '../router.ts'
import { scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'
import { keyOf, verifyDelivery } from '../security/signature.ts'

const mostBytes = 256 * 1024

const accepted = z.object({ delivery: z.string(), duplicate: z.boolean() }).openapi('AcceptedDelivery')

const receiveRoute = createRoute({
  method: 'post',
  path: '/webhooks/{name}',
  summary:
    'Deliver to a webhook of the project, signed as Standard Webhooks asks; the same webhook-id again does nothing',
  tags: ['automation'],
  security: [],
  request: {
    params: z.object({ name: z.string().max(63) }),
    query: scopeQuery,
    headers: z.object({
      'webhook-id': z.string().min(1).max(200),
      'webhook-timestamp': z.string().min(1).max(20),
      'webhook-signature': z.string().min(1).max(2_000),
    }),
  },
  responses: {
    202: { description: 'Taken.', content: { 'application/json': { schema: accepted } } },
    ...problems(400, 401, 404, 503),
  },
})

/** Before whatever asks for a token: the signature is what lets a delivery in. */
export function webhookRoutes({ store, projects, webhooks }: RouteDeps) {
  const router = createRouter()
  router.use('/webhooks/*', bodyLimit({ maxSize: mostBytes, onError: (c) => problemResponse(c, tooLarge()) }))
  return router.openapi(receiveRoute, async (c) => {
    const { name } = c.req.valid('param')
    const { scope, manifest } = await projects.latest(await projects.scope(c.req.valid('query')))
    const spec = manifest.webhooks?.find((each) => each.name === name)
    if (spec === undefined) throw unknown(name)
    const secret = webhooks?.secret(spec.secret.$env) ?? spec.secret.default
    const key = secret === undefined ? null : keyOf(secret)
    if (webhooks === undefined || key === null) throw unset(name)
    const headers = c.req.valid('header')
    const id = headers['webhook-id']
    const body = await c.req.text()
    const [timestamp, signatures] = [headers['webhook-timestamp'], headers['webhook-signature']]
    verifyDelivery({ id, timestamp, signatures, body }, key, Date.now())
    const fresh = await store.triggers.receive({ scope, webhook: name, id, payload: payloadOf(body) })
    // Also of one that was taken before: whoever took it may have been killed before it was passed on.
    await webhooks.deliver(scope, { webhook: name, delivery: id, timeoutSeconds: spec.timeoutSeconds })
    return c.json({ delivery: id, duplicate: !fresh }, 202)
  })
}

function payloadOf(body: string) {
  try {
    return jsonValueSchema.parse(body === '' ? null : JSON.parse(body))
  } catch {
    throw new RequestProblem(400, 'WEBHOOK_BODY_INVALID', 'The delivery’s body is no JSON.', 'Send JSON.')
  }
}

function unknown(name: string): RequestProblem {
  return new RequestProblem(404, 'WEBHOOK_NOT_FOUND', `The project has no webhook ${name}.`, 'Define and deploy it.')
}

/** Says no more to whoever asks: GET /webhooks names the variable. */
function unset(name: string): RequestProblem {
  return new RequestProblem(
    503,
    'WEBHOOK_SECRET_MISSING',
    `Webhook ${name} cannot check deliveries: its secret is not set where the server runs, or is too short.`,
    'Set its variable, to 16 bytes or more, and start the server again.',
  )
}

function tooLarge(): RequestProblem {
  return new RequestProblem(413, 'BODY_TOO_LARGE', 'A delivery has at most 256 KiB.', 'Send less at once.')
}
