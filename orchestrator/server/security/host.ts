import type { MiddlewareHandler } from 'hono'
import { RequestProblem } from '../problem.ts'

/**
 * Without a token, whoever reaches the port is let in, so only this machine's own names are answered: a web page that
 * makes its own name resolve to the loopback address (DNS rebinding) sends that name as Host.
 */
export const loopbackHostOnly: MiddlewareHandler = async (c, next) => {
  if (!isLoopbackHost(c.req.header('host') ?? new URL(c.req.url).host)) {
    throw new RequestProblem(
      421,
      'HOST_REFUSED',
      'The server answers only to localhost while it has no API token.',
      'Open it as http://localhost or http://127.0.0.1, or set an API token.',
    )
  }
  await next()
}

/** `host` as a Host header has it, with a port or without, or as an interface is named. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^(\[.*\]|[^:]*):\d+$/, '$1')
  return name === 'localhost' || name === '[::1]' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}
