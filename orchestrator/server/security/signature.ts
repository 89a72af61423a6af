import { createHmac, timingSafeEqual } from 'node:crypto'
import { RequestProblem } from '../problem.ts'

export interface SignedDelivery {
  readonly id: string
  /** Seconds since 1970. */
  readonly timestamp: string
  /** `v1,<base64>`, several separated by spaces while a secret is being changed. */
  readonly signatures: string
  /** As it came, byte by byte. */
  readonly body: string
}

/** How far apart the clocks of sender and server may be, and how late a delivery may arrive. */
const toleranceSeconds = 300

/**
 * Throws unless a delivery is signed with the secret and recent, as Standard Webhooks 1.0 asks: HMAC-SHA256 over
 * `id.timestamp.body` (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export function verifyDelivery({ id, timestamp, signatures, body }: SignedDelivery, key: Buffer, now: number): void {
  const sent = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN
  if (!(Math.abs(now / 1_000 - sent) <= toleranceSeconds)) {
    throw refused('WEBHOOK_EXPIRED', 'The delivery is older than five minutes, or of the future.')
  }
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  const matches = signatures.split(' ').some((part) => {
    const [version, text = ''] = part.split(',')
    const given = Buffer.from(text, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
  if (!matches) throw refused('WEBHOOK_SIGNATURE_WRONG', 'The delivery is not signed with this webhook’s secret.')
}

/** Shorter ones can be guessed from one delivery that was seen. */
const leastBytes = 16

/** With the standard's prefix a secret is base64; any other is taken as it is. Null if it is too short to be one. */
export function keyOf(secret: string): Buffer | null {
  const key = secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8')
  return key.length < leastBytes ? null : key
}

function refused(code: string, message: string): RequestProblem {
  return new RequestProblem(401, code, message, 'Sign `id.timestamp.body` with HMAC-SHA256, and send it at once.')
}
