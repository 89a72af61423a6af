import type { DestinationContext } from '../definition.ts'
import { configError, transientError } from '../errors.ts'
import type { Limiter } from '../limiter.ts'
import { retry, RetryLater } from '../retry.ts'
import { exchange, mayBeDone, type HttpAnswer, type HttpRequest } from './exchange.ts'
import { retryAfterMs } from './retry-after.ts'

export interface HttpOptions {
  /** What messages call the other side: `Braze`. */
  readonly vendor: string
  /** Requests' paths are added to it. */
  readonly baseUrl: string
  /** Longest wait for an answer. */
  readonly timeoutMs: number
  readonly context: DestinationContext
  /** Keeps to the vendor's rate; a request that was told to wait holds up whoever shares it. */
  readonly limiter?: Limiter
  /** Headers of every request, asked for anew each time: an access token expires. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>
  /**
   * Called at a 401, once for each request: forgets the access token, and answers whether another try is worth it.
   * Without it a 401 is a wrong credential.
   */
  readonly renew?: () => boolean
  /** How often a request is made at most, counting the first. */
  readonly attempts?: number
  /**
   * A vendor's own words for "too fast" or "not now" where the status does not say so: milliseconds to wait, null for
   * as long as we like, undefined if it is something else.
   */
  readonly throttledBy?: (answer: HttpAnswer) => number | null | undefined
  /** What a vendor's headers say of its limits after an answer: milliseconds in which nothing more should be sent. */
  readonly pauseAfter?: (answer: HttpAnswer) => number | null
}

export interface HttpClient {
  /**
   * Makes a request and answers what came back, be it a success or a refusal (4xx) that is for the vendor's own code to
   * read. Throws a DestinationError when the outcome is not known or nothing gets through.
   */
  send(request: HttpRequest): Promise<HttpAnswer>
}

const defaultAttempts = 8

/**
 * HTTP as a destination needs it: a time-out on every wait, the vendor's rate kept and its Retry-After honoured, a
 * request made again only where that does no harm, each counted, and no body of either side in a message.
 *
 * | what happens | what follows |
 * |---|---|
 * | 429, or what `throttledBy` knows | waits as asked, all who share the limiter too; again |
 * | no connection | again: nothing was sent |
 * | 5xx, 408, a cut connection, a time-out | again if the request is `repeatable`; else a transient error: it may have been done |
 * | 401 | again once if `renew` says so; else a configuration error |
 * | other 4xx, 2xx, 3xx | answered |
 *
 * @example
 * const http = httpClient({ vendor: 'Acme', baseUrl: config.api_url, timeoutMs: 30_000, context, limiter })
 * const answer = await http.send({ method: 'POST', path: '/v1/users', json: { users }, repeatable: true })
 */
export function httpClient(options: HttpOptions): HttpClient {
  const { vendor, context, limiter, attempts = defaultAttempts } = options
  return {
    send: async (request) => {
      let renewed = false
      const call = async (): Promise<HttpAnswer> => {
        await limiter?.take(1, context.signal)
        const answer = await exchange(options, request)
        judge(options, request, answer)
        if (answer.status !== 401) return answer
        if (renewed || options.renew?.() !== true) throw notAuthorized(vendor)
        renewed = true
        throw new RetryLater(`${vendor} asks for a new access token`, 0)
      }
      try {
        return await retry(call, {
          attempts,
          signal: context.signal,
          onRetry: ({ ms, reason }) => {
            context.meter.retried()
            context.log.info(`${reason}: again in ${Math.ceil(ms / 1000)} s.`)
          },
        })
      } catch (error) {
        if (!(error instanceof RetryLater)) throw error
        throw transientError(`${error.message}, also after ${attempts} attempts.`, error)
      }
    },
  }
}

/** Throws what stands between an answer and being read. */
function judge(
  { vendor, context, limiter, throttledBy, pauseAfter }: HttpOptions,
  { repeatable }: HttpRequest,
  answer: HttpAnswer,
): void {
  const told = retryAfterMs(answer.headers.get('retry-after'))
  const own = throttledBy?.(answer)
  if (answer.status === 429 || own !== undefined) {
    const ms = own ?? told
    context.meter.throttled()
    if (ms !== null) limiter?.pause(ms)
    throw new RetryLater(`${vendor} limits the rate (HTTP ${answer.status})`, ms)
  }
  const pause = pauseAfter?.(answer) ?? null
  if (pause !== null && pause > 0) limiter?.pause(pause)
  if (answer.status < 500 && answer.status !== 408) return
  if (!repeatable) throw mayBeDone(`${vendor} answered with HTTP ${answer.status}`)
  throw new RetryLater(`${vendor} answered with HTTP ${answer.status}`, told)
}

function notAuthorized(vendor: string): Error {
  return configError(`${vendor} does not accept the credentials (HTTP 401): check that they are whole and still valid.`)
}
