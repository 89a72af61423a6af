import { configError, transientError } from '../errors.ts'
import { RetryLater } from '../retry.ts'
import type { HttpOptions } from './client.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Added to the base URL, query and all; or a whole URL where the vendor gave one. */
  readonly path: string
  /** A function is asked at each attempt: a signature has the time in it. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; name its type in `headers`. */
  readonly body?: string | Uint8Array
  /** Whether it may be made twice without harm: it upserts, deletes, reads, or carries an id that the vendor knows again. */
  readonly repeatable: boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly ok: boolean
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown
}

/** Of a request that is not to be made again by itself. */
export function mayBeDone(what: string, cause?: unknown): Error {
  return transientError(`${what}, so it is not known whether the rows were taken.`, cause)
}

/** Connection errors before anything was sent. */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])
const maxAnswerBytes = 64 * 1024 * 1024

/** One request and its answer. Throws RetryLater if it may be made again, else a DestinationError. */
export async function exchange(options: HttpOptions, request: HttpRequest): Promise<HttpAnswer> {
  const { vendor, timeoutMs, context } = options
  const body = request.json === undefined ? request.body : JSON.stringify(request.json)
  const headers = {
    ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
    accept: 'application/json',
    'user-agent': 'traitline',
    ...(await options.headers?.()),
    ...(typeof request.headers === 'function' ? request.headers() : request.headers),
  }
  context.meter.request(body === undefined ? 0 : Buffer.byteLength(body))
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(urlOf(options.baseUrl, request.path), {
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
      // Credentials and rows go nowhere else than they were meant for.
      redirect: 'manual',
      signal: AbortSignal.any([timeout, context.signal]),
    })
    const text = await readText(response, vendor)
    const { status, ok } = response
    return { status, ok, headers: response.headers, text, json: parse(text) }
  } catch (error) {
    if (context.signal.aborted) throw error
    throw failureOf(error, { vendor, timedOut: timeout.aborted, timeoutMs, repeatable: request.repeatable })
  }
}

function urlOf(baseUrl: string, path: string): string {
  if (/^https?:\/\//.test(path)) return path
  return `${baseUrl.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
}

interface Circumstances {
  readonly vendor: string
  readonly timedOut: boolean
  readonly timeoutMs: number
  readonly repeatable: boolean
}

function failureOf(error: unknown, { vendor, timedOut, timeoutMs, repeatable }: Circumstances): Error {
  const code = codeOf(error)
  if (code === 'ERR_INVALID_URL') return configError(`The address of ${vendor} is not a URL.`, error)
  if (unsent.has(code)) return new RetryLater(`${vendor} cannot be reached (${code})`, null, { cause: error })
  const what = timedOut
    ? `${vendor} did not answer within ${timeoutMs / 1000} s`
    : `The connection to ${vendor} broke${code === '' ? '' : ` (${code})`}`
  return repeatable ? new RetryLater(what, null, { cause: error }) : mayBeDone(what, error)
}

/** The code of an error, or of what it was caused by: fetch wraps what happened to the connection. */
function codeOf(error: unknown): string {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) {
    const { code } = inner as NodeJS.ErrnoException
    if (typeof code === 'string') return code
  }
  return ''
}

async function readText(response: Response, vendor: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > maxAnswerBytes) throw transientError(`${vendor} answered with more than ${maxAnswerBytes} bytes.`)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
