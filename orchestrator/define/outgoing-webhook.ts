import type { EnvRef } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import {
  destinationInfo,
  destinationOptions,
  fieldTypes,
  makeDestination,
  rowModes,
  streamOf,
  streamSpec,
  type Destination,
  type DestinationOptions,
  type FieldTypes,
  type KeyAmongFields,
  type Stream,
} from './destination.ts'
import { textOrEnv } from './env.ts'
import { locationOfCall } from './location.ts'
import { byEnvironment, type ByEnvironment } from './per-environment.ts'
import { flag, like, listOf, object, oneOf, optional, positive, recordOf, someText, text, whole } from './shape.ts'
import type { Shapes } from './shape.ts'

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const
const operationNames = ['upsert', 'update', 'insert', 'append', 'delete'] as const

export interface WebhookObjectInput {
  /** The field that identifies a row. Without one rows can only be appended. */
  readonly key?: string
  /** A field with `?` may be left out of a mapping. */
  readonly fields: FieldTypes
}

/** What differs for the rows of one operation. */
export interface WebhookOperation {
  readonly url?: string
  readonly method?: (typeof methods)[number]
  readonly body?: string
}

export interface WebhookOptions {
  /** Its path may be a Liquid template of the row: `https://crm.example/customers/{{ row.id }}`. */
  readonly url: ByEnvironment<string | EnvRef>
  /** Default POST. */
  readonly method?: (typeof methods)[number]
  readonly headers?: Readonly<Record<string, string>>
  /** Such as `{ authorization: env('CRM_AUTHORIZATION') }`. */
  readonly secretHeaders?: Readonly<Record<string, ByEnvironment<string | EnvRef>>>
  /** OAuth 2.0 client credentials. */
  readonly oauth?: {
    readonly tokenUrl: ByEnvironment<string | EnvRef>
    readonly clientId: ByEnvironment<string | EnvRef>
    readonly clientSecret: ByEnvironment<string | EnvRef>
    readonly scope?: string
  }
  /** `whsec_` and a key in base64: requests are signed as Standard Webhooks asks. */
  readonly signingSecret?: ByEnvironment<string | EnvRef>
  /** Default `event`: type, timestamp, and the rows as data. `rows`: the row alone, or a list of rows. */
  readonly format?: 'event' | 'rows'
  /** The body as a Liquid template of `row`, `rows`, `object`, `operation`, `id` and `timestamp`. */
  readonly body?: string
  /** Default `application/json`. */
  readonly contentType?: string
  /** `{ delete: { method: 'DELETE' } }`. */
  readonly operations?: Readonly<Partial<Record<(typeof operationNames)[number], WebhookOperation>>>
  /** Default 1. */
  readonly rowsPerRequest?: number
  /** Default a million. */
  readonly bytesPerRequest?: number
  /** Default: 200 to 299. */
  readonly successStatuses?: readonly number[]
  /** The receiver knows a `webhook-id` that it has seen: what was lost is sent again in every mode. Default false. */
  readonly receiverDeduplicates?: boolean
  /** Default 10. */
  readonly requestsPerSecond?: ByEnvironment<number>
  /** Asked for by GET to see whether all is well. */
  readonly checkUrl?: ByEnvironment<string | EnvRef>
}

type Objects = Readonly<Record<string, WebhookObjectInput>>

type ObjectStream<Input extends WebhookObjectInput> = Input extends { readonly key: infer Key extends string }
  ? Stream<Input['fields'], Key, false, (typeof rowModes)[number]>
  : Stream<Input['fields'], never, false, 'append'>

export interface OutgoingWebhook<Inputs extends Objects> extends Destination {
  object<Name extends keyof Inputs & string>(name: Name): ObjectStream<Inputs[Name]>
}

const secretText = byEnvironment(textOrEnv)

const operation = object({
  url: optional(someText),
  method: optional(oneOf(methods)),
  body: optional(text),
} satisfies Shapes<WebhookOperation>)

const webhookOptions = {
  ...destinationOptions,
  url: like(secretText, "url: env('CRM_WEBHOOK_URL')"),
  method: optional(oneOf(methods)),
  headers: optional(recordOf('texts', text)),
  secretHeaders: optional(like(recordOf('texts', secretText), "secretHeaders: { authorization: env('CRM_TOKEN') }")),
  oauth: optional(
    object({ tokenUrl: secretText, clientId: secretText, clientSecret: secretText, scope: optional(text) }),
  ),
  signingSecret: optional(like(secretText, "signingSecret: env('CRM_WEBHOOK_SECRET')")),
  format: optional(oneOf(['event', 'rows'])),
  body: optional(text),
  contentType: optional(someText),
  operations: optional(object(Object.fromEntries(operationNames.map((name) => [name, optional(operation)])))),
  rowsPerRequest: optional(whole(1, 10_000)),
  bytesPerRequest: optional(whole(1, 32_000_000)),
  successStatuses: optional(listOf('statuses', whole(200, 499))),
  receiverDeduplicates: optional(flag),
  requestsPerSecond: optional(byEnvironment(positive)),
  checkUrl: optional(secretText),
  objects: like(
    recordOf(
      'objects',
      object({
        key: optional(someText),
        fields: like(fieldTypes, "fields: { customer_id: 'text', tier: 'text?' }"),
      } satisfies Shapes<WebhookObjectInput>),
    ),
    "objects: { customers: { key: 'customer_id', fields: { customer_id: 'text' } } }",
  ),
} satisfies Shapes<Parameters<typeof outgoingWebhook>[1]>

/**
 * Any address that takes rows over HTTP: one or several a request, signed, in the form that it asks for.
 *
 * ```ts
 * const crm = outgoingWebhook('crm', {
 *   url: env('CRM_WEBHOOK_URL'),
 *   signingSecret: env('CRM_WEBHOOK_SECRET'),
 *   rowsPerRequest: 100,
 *   objects: { customers: { key: 'customer_id', fields: { customer_id: 'text', tier: 'text?' } } },
 * })
 * sync('customers_to_crm', { from: model, to: crm.object('customers'), mode: 'mirror', map: { customer_id: customer.key } })
 * ```
 */
export function outgoingWebhook<const Inputs extends Objects>(
  name: string,
  options: DestinationOptions &
    WebhookOptions & {
      readonly objects: Inputs & {
        readonly [Name in keyof Inputs]: KeyAmongFields<Inputs[Name], Inputs[Name]['fields']>
      }
    },
): OutgoingWebhook<Inputs> {
  checkDefinition('destination', name, options, webhookOptions)
  const inputs: readonly [string, WebhookObjectInput][] = Object.entries(options.objects)
  const { oauth } = options
  return makeDestination(
    {
      name,
      connector: { type: 'builtin', name: 'webhook' },
      config: {
        url: options.url,
        method: options.method,
        headers: options.headers,
        secret_headers: options.secretHeaders,
        oauth: oauth && {
          token_url: oauth.tokenUrl,
          client_id: oauth.clientId,
          client_secret: oauth.clientSecret,
          scope: oauth.scope,
        },
        signing_secret: options.signingSecret,
        format: options.format,
        body: options.body,
        content_type: options.contentType,
        operations: options.operations as { readonly [name: string]: Record<string, string> } | undefined,
        rows_per_request: options.rowsPerRequest,
        bytes_per_request: options.bytesPerRequest,
        success_statuses: options.successStatuses,
        receiver_deduplicates: options.receiverDeduplicates,
        requests_per_second: options.requestsPerSecond,
        check_url: options.checkUrl,
      },
      streams: inputs.map(([object, { key, fields }]) =>
        streamSpec(object, fields, { key, modes: key === undefined ? ['append'] : rowModes }),
      ),
      ...destinationInfo(options),
      definedAt: locationOfCall(outgoingWebhook),
    },
    {
      object(this: Destination, object: string) {
        return streamOf(this, object)
      },
    },
  ) as unknown as OutgoingWebhook<Inputs>
}
