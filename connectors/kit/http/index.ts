export { accessTokens, type AccessTokens } from './access-token.ts'
export { httpClient, type HttpClient, type HttpOptions } from './client.ts'
export { mayBeDone, type HttpAnswer, type HttpRequest } from './exchange.ts'
export { retryAfterMs } from './retry-after.ts'
