import type { MiddlewareHandler } from 'hono'
import { RequestProblem } from '../problem.ts'

/** No id, name or selection holds the character NUL, and PostgreSQL takes no text with it. */
export const textOnly: MiddlewareHandler = async (c, next) => {
  if (/%00/.test(c.req.url)) {
    throw new RequestProblem(400, 'REQUEST_INVALID', 'The address holds the character NUL', 'Leave it out.')
  }
  await next()
}
