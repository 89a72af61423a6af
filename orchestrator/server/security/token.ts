import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { RequestProblem } from '../problem.ts'

const cookieName = 'traitline_session'

export interface TokenGate {
  /** Lets requests through that bring the token, or the cookie that it was exchanged for. */
  readonly required: MiddlewareHandler
  isToken(candidate: string): boolean
  /** The cookie is derived from the token and does not reveal it. */
  signIn(c: Context): void
  signOut(c: Context): void
}

export function createTokenGate(token: string): TokenGate {
  const session = createHmac('sha256', token).update('traitline session').digest('base64url')
  const cookie = (c: Context) =>
    ({ httpOnly: true, sameSite: 'Strict', path: '/', secure: new URL(c.req.url).protocol === 'https:' }) as const
  const isToken = (candidate: string) => equal(candidate, token)

  return {
    isToken,
    signIn: (c) => setCookie(c, cookieName, session, { ...cookie(c), maxAge: 30 * 24 * 3600 }),
    signOut: (c) => void deleteCookie(c, cookieName, cookie(c)),
    required: async (c, next) => {
      const bearer = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
      const known = bearer === undefined ? equal(getCookie(c, cookieName) ?? '', session) : isToken(bearer)
      if (!known) throw notAuthorised(bearer === undefined)
      await next()
    },
  }
}

export function notAuthorised(missing: boolean): RequestProblem {
  return new RequestProblem(
    401,
    missing ? 'TOKEN_MISSING' : 'TOKEN_WRONG',
    missing ? 'This server wants an API token.' : 'That is not the API token of this server.',
    'Send the header `Authorization: Bearer <token>`, or sign in on the page.',
  )
}

/** In a time that depends on neither's content nor length. */
function equal(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
