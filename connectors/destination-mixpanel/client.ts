import { gzipSync } from 'node:zlib'
import { httpClient, type DestinationContext, type HttpAnswer } from '../kit/index.ts'
import { regions, type MixpanelConfig } from './config.ts'

export interface MixpanelClient {
  /** Events of one request. Taking one twice is taking it once, by its id. */
  import(events: readonly unknown[]): Promise<HttpAnswer>
  /** Updates of profiles, of users (`/engage`) or groups (`/groups`). */
  update(path: '/engage' | '/groups', updates: readonly unknown[]): Promise<HttpAnswer>
}

/** Mixpanel names no time to wait at a 429, and asks for patience. */
const attempts = 12

export function mixpanelClient(config: MixpanelConfig, context: DestinationContext): MixpanelClient {
  const { api_url, region, project_token, service_account: account, timeout_seconds } = config
  const http = httpClient({
    vendor: 'Mixpanel',
    baseUrl: api_url ?? regions[region],
    timeoutMs: Math.round(timeout_seconds * 1000),
    context,
    limiter: context.limiter('requests', { perSecond: config.requests_per_second, burst: config.parallel_requests }),
    attempts,
  })
  const credentials = account === undefined ? `${project_token}:` : `${account.username}:${account.secret}`
  const query = new URLSearchParams({
    strict: '1',
    ...(account === undefined ? {} : { project_id: account.project_id }),
  })
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  }
  return {
    import: (events) => {
      const body = gzipSync(JSON.stringify(events))
      return http.send({ method: 'POST', path: `/import?${query.toString()}`, headers, body, repeatable: true })
    },
    // `ip=0`: the place of whoever sends is not the user's.
    update: (path, updates) =>
      http.send({ method: 'POST', path: `${path}?strict=1&verbose=1&ip=0`, json: updates, repeatable: true }),
  }
}
