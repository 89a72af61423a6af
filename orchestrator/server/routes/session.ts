import { createRoute, z } from '@hono/zod-openapi'
import { createRouter } from '../router.ts'
import { problems } from '../schemas/problem.ts'
import { notAuthorised, type TokenGate } from '../security/token.ts'

const signInRoute = createRoute({
  method: 'post',
  path: '/session',
  summary: 'Exchange the API token for a cookie, for the page',
  tags: ['session'],
  security: [],
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.object({ token: z.string().min(1).max(1000) }).openapi('SignIn') } },
    },
  },
  responses: { 204: { description: 'Signed in.' }, ...problems(400, 401, 403) },
})

const signOutRoute = createRoute({
  method: 'delete',
  path: '/session',
  summary: 'Forget the cookie',
  tags: ['session'],
  security: [],
  responses: { 204: { description: 'Signed out.' }, ...problems(403) },
})

export function sessionRoutes(gate: TokenGate | undefined) {
  return createRouter()
    .openapi(signInRoute, (c) => {
      if (gate !== undefined && !gate.isToken(c.req.valid('json').token)) throw notAuthorised(false)
      gate?.signIn(c)
      return c.body(null, 204)
    })
    .openapi(signOutRoute, (c) => {
      gate?.signOut(c)
      return c.body(null, 204)
    })
}
