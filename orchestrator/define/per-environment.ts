import type { JsonValue } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { either, faultsOf, plainObject, shape, type Shape } from './shape.ts'

const brand = Symbol.for('traitline.per-environment')

/** A value that is another one in each environment; see `perEnvironment`. */
export interface PerEnvironment<Value> {
  readonly environments: Readonly<Record<string, Value>>
  readonly [holds]?: Value
}

declare const holds: unique symbol

/** The value itself, or one for each environment. */
export type ByEnvironment<Value> = Value | PerEnvironment<Value>

/** JSON in which any value may be another one in each environment. */
export type Settable =
  JsonValue | PerEnvironment<JsonValue> | readonly Settable[] | { readonly [name: string]: Settable }

/**
 * A value that depends on the environment that the project is deployed to (`TRAITLINE_ENVIRONMENT`): part of a
 * destination's configuration, a schema, a variable of dbt's, a parameter of a notebook, a limit. `default` is for the
 * environments that are not named; without it, deploying to one of those says what is missing.
 *
 * ```ts
 * const crm = postgres('crm', {
 *   url: perEnvironment({ dev: 'postgres://localhost/crm', prod: env('CRM_URL') }),
 *   schema: perEnvironment({ prod: 'public', default: 'sandbox' }),
 *   tables: { ... },
 * })
 * ```
 *
 * It is resolved when the project is compiled: a manifest holds the values of its own environment alone. A secret is
 * never written here, but read with `env(...)` where a connector starts.
 */
export function perEnvironment<const Value>(values: Readonly<Record<string, Value>>): PerEnvironment<Value> {
  checkArguments('perEnvironment', { values: plainObject }, { values })
  const object = { environments: Object.freeze({ ...values }) }
  Object.defineProperty(object, brand, { value: true })
  return Object.freeze(object)
}

export function isPerEnvironment(value: unknown): value is PerEnvironment<unknown> {
  return typeof value === 'object' && value !== null && brand in value
}

/** The value itself, or each of those that `perEnvironment` names. */
export function byEnvironment(item: Shape): Shape<false> {
  const each = shape('perEnvironment(...)', isPerEnvironment, (value, path) =>
    Object.entries((value as PerEnvironment<unknown>).environments).flatMap(([name, part]) =>
      faultsOf(item, part, `${path}.${name}`),
    ),
  )
  return { ...either(each, item), expected: item.expected }
}

/** What a value is in an environment, however deep; `missing` is told of what has no value there. */
export function inEnvironment(
  value: unknown,
  environment: string,
  missing: (named: readonly string[]) => void,
): unknown {
  const resolve = (part: unknown): unknown => {
    if (isPerEnvironment(part)) {
      const { environments } = part
      const name = [environment, 'default'].find((one) => Object.hasOwn(environments, one))
      if (name !== undefined) return resolve(environments[name])
      missing(Object.keys(environments))
      return null
    }
    if (Array.isArray(part)) return part.map(resolve)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, resolve(item)]))
  }
  return resolve(value)
}
