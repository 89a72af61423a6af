import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { z } from 'zod'

export interface StandInRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** The parts of the path that the route names: `:id`. */
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of a JSON body. */
  readonly json: unknown
  /** `performance.now()` of its arrival. */
  readonly at: number
}

export interface StandInAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown
}

export interface StandInRoute<Body = unknown> {
  readonly method: string
  /** `/services/data/:version/sobjects`. */
  readonly path: string
  /** What the vendor documents of the body, as strictly as it is documented. */
  readonly body?: z.ZodType<Body>
  /** What else the documentation says against a request: a missing header, too many items. */
  readonly check?: (request: StandInRequest) => readonly string[]
  /** Not called for a request that breaches the contract. */
  readonly answer: (request: StandInRequest, body: Body) => StandInAnswer | Promise<StandInAnswer>
}

/** What happens to a request instead of, or after, its effect. */
export type VendorMishap =
  /** Refused, without effect. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** It takes effect, and then the connection is cut, or nothing comes, or HTTP 500 does. */
  | 'cut'
  | 'hang'
  | 'fails after'
  /** The connection is cut before anything happens. */
  | 'cut before'

export interface VendorStandIn {
  readonly url: string
  /** In the order of their arrival. */
  readonly requests: StandInRequest[]
  /** What requests did against the contract; a test asserts that there is none. */
  readonly breaches: string[]
  /** One for each request to come, in order; null for none. */
  readonly mishaps: (VendorMishap | null)[]
  close(): Promise<void>
}

/** A route whose body is typed by its schema. */
export function route<Body>(given: StandInRoute<Body>): StandInRoute {
  return given as StandInRoute
}

/**
 * A vendor's API on this machine: holds each request against the vendor's contract, and misbehaves on demand. A request
 * that breaches the contract is answered with HTTP 400, has no effect, and is told of in `breaches`.
 */
export async function startVendor(routes: readonly StandInRoute[]): Promise<VendorStandIn> {
  const requests: StandInRequest[] = []
  const breaches: string[] = []
  const mishaps: (VendorMishap | null)[] = []

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const mishap = mishaps.shift() ?? null
    const [route, request] = await read(incoming, routes)
    requests.push(request)
    if (mishap === 'cut before') return void incoming.socket.destroy()
    if (mishap !== null && typeof mishap === 'object') return respond(response, mishap)
    const answer = route === undefined ? notFound(request, breaches) : await take(route, request, breaches)
    if (mishap === 'hang') return
    if (mishap === 'cut') return void incoming.socket.destroy()
    respond(response, mishap === 'fails after' ? { status: 500, body: { message: 'internal error' } } : answer)
  }
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      breaches.push(`the stand-in failed: ${String(error)}`)
      respond(response, { status: 500 })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    requests,
    breaches,
    mishaps,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read(
  incoming: IncomingMessage,
  routes: readonly StandInRoute[],
): Promise<[StandInRoute | undefined, StandInRequest]> {
  const at = performance.now()
  const url = new URL(incoming.url ?? '/', 'http://vendor.invalid')
  const method = incoming.method ?? 'GET'
  const text = await textOf(incoming)
  let parameters: Record<string, string> | null = null
  const route = routes.find((one) => {
    parameters = one.method === method ? matches(one.path, url.pathname) : null
    return parameters !== null
  })
  const request = { method, path: url.pathname, query: url.searchParams, parameters: parameters ?? {}, text, at }
  return [route, { ...request, headers: incoming.headers, json: parse(text) }]
}

function matches(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const parameters: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const own = given[index] ?? ''
    if (part.startsWith(':')) parameters[part.slice(1)] = decodeURIComponent(own)
    else if (part !== own) return null
  }
  return parameters
}

async function take(route: StandInRoute, request: StandInRequest, breaches: string[]): Promise<StandInAnswer> {
  const where = `${request.method} ${route.path}`
  const parsed = route.body?.safeParse(request.json)
  const own = [
    ...(parsed?.success === false ? parsed.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`) : []),
    ...(route.check?.(request) ?? []),
  ].map((breach) => `${where}: ${breach}`)
  if (own.length === 0) return route.answer(request, parsed?.data)
  breaches.push(...own)
  return { status: 400, body: { message: 'the request breaches the contract' } }
}

function notFound({ method, path }: StandInRequest, breaches: string[]): StandInAnswer {
  breaches.push(`${method} ${path}: there is no such route`)
  return { status: 404, body: { message: 'not found' } }
}

function respond(response: ServerResponse, { status = 200, headers = {}, body = {} }: StandInAnswer): void {
  if (response.destroyed) return
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
