import type { EnvRef } from '../contract/index.ts'
import { checkArguments, checkDefinition } from './check.ts'
import { branded, type Definition } from './definition.ts'
import { locationOfCall } from './location.ts'
import type { PerEnvironment } from './per-environment.ts'
import { like, optional, plainObject, shape, someText, text, type Shapes } from './shape.ts'

/** What says what a value has to be: a schema of zod, or of any library that keeps to Standard Schema 1. */
export interface ResourceSchema<Input = unknown, Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    validate(value: unknown): ResourceCheck<Output> | Promise<ResourceCheck<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type ResourceCheck<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly ResourceIssue[] }

export interface ResourceIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a resource is written with: its value, in which every part may be a secret, or another in each environment. */
export type ResourceInput<Value> =
  | PerEnvironment<unknown>
  | (Value extends readonly (infer Item)[]
      ? readonly ResourceInput<Item>[] | EnvRef
      : Value extends object
        ? { readonly [Name in keyof Value]: ResourceInput<Value[Name]> } | EnvRef
        : Value | EnvRef)

/** A named thing of an environment that code of the project uses: see `resource`. */
export interface Resource<Value = unknown> extends Definition {
  readonly kind: 'resource'
  readonly description: string | null
  readonly schema: ResourceSchema<unknown, Value>
  readonly value: unknown
}

/** Hands code of the project the resources that were declared for it. */
export type UseResource = <Value>(resource: Resource<Value>) => Promise<Value>

export interface ResourceOptions<Input, Output> {
  readonly description?: string
  readonly schema: ResourceSchema<Input, Output>
  readonly value: ResourceInput<NoInfer<Input>>
}

const schemaShape = shape(
  'a schema of zod, or of another library that keeps to Standard Schema',
  (value) =>
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    '~standard' in value &&
    typeof value['~standard'] === 'object',
)

const resourceOptions = {
  description: optional(text),
  schema: like(schemaShape, 'schema: z.object({ url: z.url() })'),
  value: like(plainObject, "value: { url: env('BILLING_URL') }"),
} satisfies Shapes<ResourceOptions<object, unknown>>

/**
 * Something that code of the project uses, and that is another one in each environment: an API, a bucket, a model's
 * endpoint. Its schema says what it is; its value is literal, `perEnvironment(...)`, `env(...)` or `secret(...)`,
 * part by part.
 *
 * ```ts
 * import { perEnvironment, resource, secret, z } from 'traitline'
 *
 * export const billing = resource('billing', {
 *   schema: z.object({ url: z.url(), retries: z.number(), key: z.string().min(20) }),
 *   value: {
 *     url: perEnvironment({ prod: 'https://billing.example.com', default: 'http://localhost:9000' }),
 *     retries: 3,
 *     key: secret('BILLING_KEY'),
 *   },
 * })
 * ```
 *
 * Code gets it where it was declared: a check in TypeScript with `resources: [billing]` and `await use(billing)`, typed
 * by the schema; a notebook with `resources: { billing }` and `traitline.resource("billing")["key"]`.
 *
 * The value is made where it is used, from the worker's own variables. Neither it nor any part of it is in the
 * manifest, the record or a history, and none of it is part of a code version: another URL makes nothing stale.
 */
export function resource<Input, Output>(name: string, options: ResourceOptions<Input, Output>): Resource<Output> {
  checkDefinition('resource', name, options, resourceOptions)
  return branded(
    {
      kind: 'resource' as const,
      name,
      description: options.description ?? null,
      schema: options.schema as ResourceSchema<unknown, Output>,
      value: options.value as unknown,
      refs: [],
      definedAt: locationOfCall(resource),
    },
    {},
  )
}

/** The value of an environment variable that is a secret, and so has no fallback: `secret('BILLING_KEY')`. */
export function secret(name: string): EnvRef {
  checkArguments('secret', { name: like(someText, "secret('BILLING_KEY')") }, { name })
  return Object.freeze({ $env: name })
}
