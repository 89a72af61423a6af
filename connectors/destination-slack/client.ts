import { WebClient, type Logger, type LogLevel } from '@slack/web-api'
import type { SlackConfig } from './config.ts'

const silent = (): void => undefined

/** The library would log to standard output, which is the protocol's, and quote what it sends. */
const quiet: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  getLevel: () => 'error' as LogLevel,
  setName: silent,
}

/** Slack's official client, its own retries off: it would post again what may have been posted. */
export function slackClient({ token, api_url, timeout_seconds }: SlackConfig): WebClient {
  return new WebClient(token, {
    slackApiUrl: api_url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: Math.round(timeout_seconds * 1000),
    logger: quiet,
  })
}
