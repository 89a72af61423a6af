import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api'
import { configError, RetryLater, systemError, transientError } from '../kit/index.ts'

/** What a call came to when it did not succeed. */
export type Failure =
  | { readonly kind: 'row'; readonly code: string; readonly message: string }
  /** Thrown as it is: a RetryLater when nothing was posted, else what ends the write. */
  | { readonly kind: 'throw'; readonly error: Error }

/** Errors that no message gets past. */
const configReasons: Readonly<Record<string, string>> = {
  not_authed: 'no token was sent',
  invalid_auth: 'the token is not valid',
  account_inactive: 'the token belongs to a deleted user or workspace',
  token_revoked: 'the token was revoked',
  token_expired: 'the token has expired',
  no_permission: 'the app may not post messages',
  missing_scope: 'the app lacks the scope chat:write',
  not_allowed_token_type: 'this kind of token may not post messages',
  access_denied: 'access is denied',
  accesslimited: 'access is limited on this network',
  ekm_access_denied: 'the workspace’s administrators have suspended posting',
  enterprise_is_restricted: 'the method may not be called from an Enterprise',
  org_login_required: 'the workspace is being migrated',
  team_access_not_granted: 'the app was not granted access to this workspace',
  two_factor_setup_required: 'the workspace requires two-factor authentication',
}

/** Errors of one message or its channel, as people would say them. */
const rowReasons: Readonly<Record<string, string>> = {
  channel_not_found: 'There is no such channel, or the app cannot see it: check its name, and invite the app.',
  not_in_channel: 'The app is not in the channel: invite it.',
  is_archived: 'The channel is archived.',
  msg_too_long: 'The text is too long.',
  no_text: 'There is neither text nor blocks.',
  invalid_blocks: 'The blocks are not valid.',
  invalid_blocks_format: 'The blocks are not a list of blocks.',
  too_many_attachments: 'There are too many attachments.',
  users_not_found: 'Nobody in the workspace has this e-mail address.',
  restricted_action: 'The workspace lets only some members post to the channel.',
}

/** Slack says of these that part of the operation may have succeeded. */
const unclear = new Set(['fatal_error', 'internal_error', 'service_unavailable'])
/** The request was not acted upon. */
const refused = new Set(['ratelimited', 'rate_limited', 'request_timeout'])
/** Connection errors before anything was sent. */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

export function failureOf(error: unknown): Failure {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'throw', error: new RetryLater('Slack limits the rate (429)', error.retryAfter * 1000) }
  }
  if (error instanceof WebAPIPlatformError) return platformFailure(error)
  if (error instanceof WebAPIHTTPError) return unknownOutcome(`Slack answered with HTTP ${error.statusCode}`)
  if (error instanceof WebAPIRequestError) return requestFailure(error)
  return { kind: 'throw', error: systemError('Slack’s client failed in a way that it does not describe.', error) }
}

function platformFailure({ data }: WebAPIPlatformError): Failure {
  const code = String(data.error)
  const config = configReasons[code]
  if (config !== undefined) {
    const fix = 'Take the bot token from the app’s page “OAuth & Permissions”.'
    return { kind: 'throw', error: configError(`Slack refuses the app: ${config} (${code}). ${fix}`) }
  }
  if (refused.has(code)) return { kind: 'throw', error: new RetryLater(`Slack did not take the request (${code})`) }
  if (unclear.has(code)) return unknownOutcome(`Slack failed (${code})`)
  // The client puts a whole answer here that is no JSON: a proxy's page, say.
  if (!/^[a-z0-9_]{1,64}$/.test(code)) return unknownOutcome('The answer is not Slack’s')
  return {
    kind: 'row',
    code,
    message: (rowReasons[code] ?? 'Slack refused the message.') + places(data.response_metadata?.messages),
  }
}

/** Where in the blocks the fault is: the pointers of Slack's explanations, which otherwise quote the message. */
function places(messages: readonly string[] | undefined): string {
  const pointers = (messages ?? []).flatMap((text) => /json-pointer:([\w/]+)/.exec(text)?.[1] ?? [])
  return pointers.length === 0 ? '' : ` See ${[...new Set(pointers)].join(', ')}.`
}

function requestFailure({ original }: WebAPIRequestError): Failure {
  const code = codeOf(original)
  if (code !== null && unsent.has(code))
    return { kind: 'throw', error: new RetryLater(`Slack cannot be reached (${code})`) }
  if (original.name === 'TimeoutError') return unknownOutcome('Slack did not answer in time')
  return unknownOutcome(`The connection to Slack was cut${code === null ? '' : ` (${code})`}`)
}

/** `fetch` hides the cause inside; of several addresses that failed, the first speaks for all if they agree. */
function codeOf(error: Error): string | null {
  const cause = error.cause as
    { readonly code?: unknown; readonly errors?: readonly { readonly code?: unknown }[] } | undefined
  const code = cause?.code ?? cause?.errors?.[0]?.code
  return typeof code === 'string' ? code : null
}

function unknownOutcome(what: string): Failure {
  const error = transientError(
    `${what}, so it is not known whether a message was posted. It is not sent again by itself.`,
  )
  return { kind: 'throw', error }
}
