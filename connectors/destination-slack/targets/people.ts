import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRequestError, type WebClient } from '@slack/web-api'
import { configError, RetryLater, type DestinationContext } from '../../kit/index.ts'
import type { Refusal } from '../message.ts'
import { failureOf } from '../outcome.ts'
import type { Poster } from '../poster.ts'
import type { Addressing } from './messages.ts'

type Found = Awaited<ReturnType<Addressing>>

const noEmail: Refusal = { code: 'no_email', message: 'The column email is no e-mail address.' }

/** The user whose address is in the column `email`, looked up once for each address. */
export function toPerson(
  client: WebClient,
  poster: Poster,
  options: { readonly perMinute: number; readonly context: DestinationContext },
): Addressing {
  const { perMinute, context } = options
  const limiter = context.limiter('lookups', { perSecond: perMinute / 60, burst: Math.ceil(perMinute / 5) })
  const known = new Map<string, Found>()

  const lookUp = (email: string): Promise<Found> =>
    poster.patiently(async () => {
      await limiter.take(1, context.signal)
      context.meter.request(Buffer.byteLength(email))
      try {
        const { user } = await client.users.lookupByEmail({ email })
        return { channel: user?.id ?? '' }
      } catch (error) {
        return notFound(error)
      }
    })

  return async ({ email }) => {
    if (typeof email !== 'string' || !email.includes('@')) return { refusal: noEmail }
    const found = known.get(email) ?? (await lookUp(email))
    known.set(email, found)
    return found
  }
}

/** Looking up changes nothing, so whatever broke on the way may be done again. */
function notFound(error: unknown): Found {
  if (error instanceof WebAPIHTTPError || error instanceof WebAPIRequestError) {
    throw new RetryLater('Slack cannot be asked for a user', undefined, { cause: error })
  }
  if (error instanceof WebAPIPlatformError && error.data.error === 'missing_scope') {
    throw configError(
      'Slack refuses the app: it lacks the scope users:read.email (missing_scope), which finding people by e-mail needs. Add it, and install the app again.',
    )
  }
  const failure = failureOf(error)
  if (failure.kind === 'throw') throw failure.error
  return { refusal: { code: failure.code, message: failure.message } }
}
