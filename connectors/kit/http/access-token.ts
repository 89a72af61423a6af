import { z } from 'zod'
import { configError, transientError } from '../errors.ts'
import type { HttpClient } from './client.ts'

export interface AccessTokens {
  /** The token that is valid now; asked for when there is none, by one request for all who wait. */
  get(): Promise<string>
  /** What the vendor no longer accepts; answers true, to be used as `renew`. */
  forget(): boolean
}

const grantSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().optional(),
})

const earlyMs = 60_000
const defaultLifeMs = 50 * 60_000

/**
 * Access tokens of OAuth 2.0 (RFC 6749): `parameters` are those of the grant, client credentials or a refresh token.
 * The token endpoint is asked through `http`, whose base URL `tokenUrl` is given to as it is.
 */
export function accessTokens(options: {
  readonly vendor: string
  readonly http: HttpClient
  readonly tokenUrl: string
  readonly parameters: Readonly<Record<string, string>>
  readonly now?: () => number
}): AccessTokens {
  const { vendor, http, tokenUrl, parameters, now = Date.now } = options
  let current: { readonly token: string; readonly until: number } | null = null
  let asking: Promise<string> | null = null

  const ask = async (): Promise<string> => {
    const answer = await http.send({
      method: 'POST',
      path: tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(parameters).toString(),
      repeatable: true,
    })
    if (answer.status >= 400) throw refused(vendor, answer.json)
    const grant = grantSchema.safeParse(answer.json)
    if (!grant.success) throw transientError(`${vendor} answered without an access token.`)
    const lifeMs = grant.data.expires_in === undefined ? defaultLifeMs : grant.data.expires_in * 1000
    current = { token: grant.data.access_token, until: now() + Math.max(0, lifeMs - earlyMs) }
    return current.token
  }

  return {
    get() {
      if (current !== null && now() < current.until) return Promise.resolve(current.token)
      asking ??= ask().finally(() => (asking = null))
      return asking
    },
    forget() {
      current = null
      return true
    },
  }
}

/** The error's name is one of a short list (RFC 6749, section 5.2); its description is the vendor's, and not repeated. */
function refused(vendor: string, body: unknown): Error {
  const error = (body as { readonly error?: unknown } | undefined)?.error
  const code = typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? ` (${error})` : ''
  return configError(`${vendor} gives no access token${code}: check the client’s id and secret, and the refresh token.`)
}
