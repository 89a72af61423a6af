import type { AlertCause, AlertTarget, EnvRef, RejectedOver, SourceLocation } from '../contract/index.ts'
import { alertCauses } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { locationOfCall } from './location.ts'
import {
  between,
  flag,
  like,
  listOf,
  made,
  object,
  oneOf,
  optional,
  positive,
  shape,
  someText,
  text,
  type Shapes,
} from './shape.ts'

/** What goes wrong, and who is told. */
export interface Alert {
  readonly kind: 'alert'
  readonly name: string
  readonly on: readonly AlertCause[]
  readonly select: string | null
  readonly to: readonly AlertTarget[]
  readonly throttleMinutes: number | null
  readonly recovered: boolean
  readonly groupMinutes: number | null
  readonly rejectedOver: RejectedOver | null
  readonly definedAt: SourceLocation | null
}

export interface AlertOptions {
  readonly on: readonly AlertCause[]
  /** Of these assets alone, as a selection: `group:crm`, `audience/*+`. Default: of the whole project. */
  readonly select?: string
  readonly to: readonly AlertTarget[]
  /** While the same thing stays wrong, it is said again at most so often. Default: each time. */
  readonly throttleMinutes?: number
  /** Whether it is said when it is right again; default true. */
  readonly recovered?: boolean
  /**
   * Between two messages to a target there are at least so many minutes: what happens meanwhile is told in one message,
   * so that a thousand failures are no thousand messages. Default 1; 0 for a message of each run.
   */
  readonly groupMinutes?: number
  /** How many rows a destination may reject before `sync_rejected` is told: `{ rows: 100, share: 0.01 }`. Default: none. */
  readonly rejectedOver?: RejectedOver
}

const secretRef = {
  ...object({ $env: someText, default: optional(text) }),
  expected: "env('NAME'): it is a secret",
}

const madeTarget = shape('a target, as slackWebhook, webhook or email makes', (value) => {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : null
  return ['slack', 'webhook', 'email'].includes(String(type))
})

const atLeast0 = shape('a number from 0', (value) => Number.isFinite(value) && (value as number) >= 0)

const alertOptions = {
  on: like(listOf('causes', oneOf(alertCauses)), "on: ['run_failed', 'check_failed']"),
  select: optional(someText),
  to: like(listOf('targets', madeTarget), "to: [slackWebhook(env('SLACK_ALERTS_URL'))]"),
  throttleMinutes: optional(positive),
  recovered: optional(flag),
  groupMinutes: optional(like(between(0, 1_440), 'groupMinutes: 5')),
  rejectedOver: optional(
    like(object({ rows: optional(atLeast0), share: optional(between(0, 1)) }), 'rejectedOver: { share: 0.01 }'),
  ),
} satisfies Shapes<AlertOptions>

/**
 * Tells people what goes wrong, once for each run and target, and when it is right again. Messages hold names, codes
 * and counts, never data.
 *
 * ```ts
 * project('shop', {
 *   assets: [...],
 *   alerts: [
 *     alert('on_call', {
 *       on: ['run_failed', 'check_failed', 'freshness_late'],
 *       select: 'group:crm',
 *       to: [slackWebhook(env('SLACK_ALERTS_URL'))],
 *       throttleMinutes: 60,
 *     }),
 *   ],
 * })
 * ```
 */
export function alert(name: string, options: AlertOptions): Alert {
  checkArguments(
    'alert',
    { name: like(someText, "alert('on_call', ...)"), options: object(alertOptions) },
    { name, options },
  )
  return Object.freeze({
    kind: 'alert' as const,
    name,
    on: options.on,
    select: options.select ?? null,
    to: options.to,
    throttleMinutes: options.throttleMinutes ?? null,
    recovered: options.recovered ?? true,
    groupMinutes: options.groupMinutes ?? null,
    rejectedOver: options.rejectedOver ?? null,
    definedAt: locationOfCall(alert),
  })
}

export const madeAlert = made("what alert('name', ...) makes", 'alert', { name: someText })

/** An incoming webhook of Slack. */
export function slackWebhook(url: EnvRef): AlertTarget {
  checkArguments('slackWebhook', { url: like(secretRef, "slackWebhook(env('SLACK_ALERTS_URL'))") }, { url })
  return Object.freeze({ type: 'slack' as const, url })
}

/**
 * Any endpoint: JSON as Standard Webhooks asks, signed with the secret if there is one (`whsec_` and base64). What takes
 * deliveries of others is `webhookTrigger`.
 */
export function webhook(url: EnvRef, options: { readonly secret?: EnvRef } = {}): AlertTarget {
  const shapes = {
    url: like(secretRef, "webhook(env('ALERTS_URL'))"),
    options: object({ secret: optional(secretRef) }),
  }
  checkArguments('webhook', shapes, { url, options })
  return Object.freeze({ type: 'webhook' as const, url, secret: options.secret ?? null })
}

/** Mail through the server of an SMTP URL: `smtps://user:password@mail.example.com`. */
export function email(options: {
  readonly smtp: EnvRef
  readonly from: string
  readonly to: readonly string[]
}): AlertTarget {
  const shapes = {
    options: object({
      smtp: like(secretRef, "smtp: env('SMTP_URL')"),
      from: like(someText, "from: 'traitline@example.com'"),
      to: like(listOf('addresses', someText), "to: ['crm@example.com']"),
    }),
  }
  checkArguments('email', shapes, { options })
  return Object.freeze({ type: 'email' as const, smtp: options.smtp, from: options.from, to: options.to })
}
