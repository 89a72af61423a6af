import { createHmac } from 'node:crypto'

export interface SignedContent {
  /** The same for a message that is sent again. */
  readonly id: string
  /** Byte for byte what is sent. */
  readonly body: string
  /** `whsec_` and a key in base64; null to send it unsigned. */
  readonly secret: string | null
  /** Milliseconds since 1970. */
  readonly now?: number
}

/**
 * The headers of Standard Webhooks 1.0.0: the signature is the HMAC-SHA256 of `id.timestamp.body`
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export function webhookHeaders({
  id,
  body,
  secret,
  now = Date.now(),
}: SignedContent): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === null) return headers
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}
