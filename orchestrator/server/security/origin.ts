import type { MiddlewareHandler } from 'hono'
import { RequestProblem } from '../problem.ts'

/**
 * Refuses writes that another site's page makes with this browser's cookie or from this machine's loopback. Browsers
 * say where a write comes from; programs that say nothing, such as curl, carry no cookie of anyone.
 */
export const sameOriginWrites: MiddlewareHandler = async (c, next) => {
  const write = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
  if (write && c.req.header('authorization') === undefined && !isSameOrigin(c.req.raw)) {
    throw new RequestProblem(
      403,
      'CROSS_ORIGIN',
      'A page of another site may not change anything here.',
      'Use the page that this server serves, or send the API token as a bearer token.',
    )
  }
  await next()
}

function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  if (origin === null) return true
  const host = request.headers.get('host') ?? new URL(request.url).host
  return URL.canParse(origin) && new URL(origin).host === host
}
