import type { EnvRef, JsonValue, RunRequest } from '../contract/index.ts'
import { secondsOf, type Duration } from './automation.ts'
import { checkDefinition } from './check.ts'
import { branded, type Definition } from './definition.ts'
import { locationOfCall } from './location.ts'
import { durationShape, functionShape } from './sensor.ts'
import { like, optional, shape, someText, text, type Shapes } from './shape.ts'

/** What a webhook's function is told. */
export interface WebhookContext {
  /** The delivery's `webhook-id`. */
  readonly id: string
  readonly environment: string
  readonly project: string
  readonly signal: AbortSignal
}

export type WebhookFunction = (
  payload: JsonValue,
  context: WebhookContext,
) => Promise<readonly RunRequest[] | undefined> | readonly RunRequest[] | undefined

/** A place where others can announce news, signed. */
export interface WebhookTrigger extends Definition {
  readonly kind: 'webhook'
  readonly description: string | null
  readonly secret: EnvRef
  readonly select: string | null
  readonly run: WebhookFunction | null
  readonly timeoutSeconds: number
}

export interface WebhookTriggerOptions {
  readonly description?: string
  /** What deliveries are signed with, as the sender has it: `env('ORDERS_SECRET')`. With `whsec_` it is base64. */
  readonly secret: EnvRef
  /** What every delivery materialises, as `traitline materialize` takes it. Either this or `run`. */
  readonly select?: string
  /** Says what a delivery materialises. */
  readonly run?: WebhookFunction
  /** Of `run`: default `60s`. */
  readonly timeout?: Duration
}

const secret = shape(
  'the value of a variable, such as env makes',
  (value) => typeof value === 'object' && value !== null && '$env' in value && text.accepts(value.$env),
)

const options = {
  description: optional(text),
  secret: like(secret, "secret: env('ORDERS_WEBHOOK_SECRET')"),
  select: optional(someText),
  run: optional(functionShape),
  timeout: optional(like(durationShape, "timeout: '60s'")),
} satisfies Shapes<WebhookTriggerOptions>

/**
 * A webhook that starts runs: stands in a project's `assets`, and takes deliveries at `POST /api/v1/webhooks/<name>` that
 * are signed as Standard Webhooks asks (https://www.standardwebhooks.com). The same `webhook-id` again starts nothing
 * new. (`webhook` is the other direction: where an alert is sent.)
 *
 * ```ts
 * webhookTrigger('orders_exported', { secret: env('ORDERS_WEBHOOK_SECRET'), select: 'source/orders+' })
 * ```
 */
export function webhookTrigger(name: string, given: WebhookTriggerOptions): WebhookTrigger {
  checkDefinition('webhook', name, given, options)
  return branded(
    {
      kind: 'webhook' as const,
      name,
      description: given.description ?? null,
      secret: given.secret,
      select: given.select ?? null,
      run: given.run ?? null,
      timeoutSeconds: secondsOf(given.timeout ?? '60s'),
      refs: Object.freeze([]) as readonly Definition[],
      definedAt: locationOfCall(webhookTrigger),
    },
    {},
  )
}
