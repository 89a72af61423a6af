import { httpClient, type DestinationContext, type HttpAnswer, type HttpClient, type RateLimit } from '../kit/index.ts'
import type { BrazeConfig } from './config.ts'

/** One for each of Braze's rates: they are counted apart. */
export function brazeClient(
  { api_key, endpoint, timeout_seconds }: BrazeConfig,
  context: DestinationContext,
  rate: { readonly name: string } & RateLimit,
): HttpClient {
  return httpClient({
    vendor: 'Braze',
    baseUrl: endpoint,
    timeoutMs: Math.round(timeout_seconds * 1000),
    context,
    limiter: context.limiter(rate.name, rate),
    headers: () => ({ authorization: `Bearer ${api_key}` }),
    throttledBy: (answer) =>
      answer.status === 429 && !answer.headers.has('retry-after') ? untilReset(answer) : undefined,
    pauseAfter: (answer) => (answer.headers.get('x-ratelimit-remaining') === '0' ? untilReset(answer) : null),
  })
}

const longestMs = 5 * 60_000

/** Braze says when its window ends as seconds since 1970. */
function untilReset({ headers }: HttpAnswer): number | null {
  const reset = Number(headers.get('x-ratelimit-reset') ?? '')
  return reset > 0 ? Math.min(longestMs, Math.max(0, reset * 1000 - Date.now())) : null
}
