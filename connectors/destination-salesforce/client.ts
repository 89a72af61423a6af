import { accessTokens, httpClient, transientError, type DestinationContext, type HttpAnswer } from '../kit/index.ts'
import type { HttpRequest } from '../kit/index.ts'
import type { SalesforceConfig } from './config.ts'
import { requestFailure } from './outcome.ts'

export interface SalesforceClient {
  /** Paths are those after the version: `/sobjects`. Answers successes, and refusals of what a request holds (400). */
  send(request: HttpRequest): Promise<HttpAnswer>
}

/** Signs in by OAuth 2.0 at My Domain, and leaves the rest of the day’s requests to others once enough are used. */
export function salesforceClient(config: SalesforceConfig, context: DestinationContext): SalesforceClient {
  const { requests_per_second: perSecond, parallel_requests: burst } = config
  const base = { vendor: 'Salesforce', timeoutMs: Math.round(config.timeout_seconds * 1000), context }
  const domain = config.domain_url.replace(/\/+$/, '')
  const client = { client_id: config.client_id, client_secret: config.client_secret }
  const tokens = accessTokens({
    vendor: 'Salesforce',
    http: httpClient({ ...base, baseUrl: domain }),
    tokenUrl: `${domain}/services/oauth2/token`,
    parameters:
      config.refresh_token === undefined
        ? { ...client, grant_type: 'client_credentials' }
        : { ...client, grant_type: 'refresh_token', refresh_token: config.refresh_token },
  })
  const http = httpClient({
    ...base,
    baseUrl: `${domain}/services/data/v${config.api_version}`,
    limiter: context.limiter('api', { perSecond, burst }),
    headers: async () => ({ authorization: `Bearer ${await tokens.get()}` }),
    renew: () => tokens.forget(),
  })
  let used = 0
  return {
    async send(request) {
      if (used >= config.stop_at_percent) {
        throw transientError(
          `The organisation has used ${Math.floor(used)} % of its Salesforce API requests of the day. ` +
            'The rest is left to others: wait, or raise stop_at_percent.',
        )
      }
      const answer = await http.send(request)
      used = usedPercent(answer) ?? used
      if (answer.ok || answer.status === 400) return answer
      throw requestFailure(answer)
    },
  }
}

/** `Sforce-Limit-Info: api-usage=18/5000`, of the last 24 hours. */
function usedPercent({ headers }: HttpAnswer): number | null {
  const found = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '')
  if (found === null) return null
  const [used, limit] = [Number(found[1]), Number(found[2])]
  return limit > 0 ? (used / limit) * 100 : null
}
