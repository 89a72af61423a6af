import type { EnvRef } from '../contract/index.ts'
import { checkArguments } from './check.ts'
import { either, like, object, optional, someText, text } from './shape.ts'

const variable = object({ $env: someText, default: optional(text) })

/** A value of a connector's configuration that may be a secret. */
export const textOrEnv = either(text, { ...variable, expected: 'env(...)' })

/**
 * The value of an environment variable, read where a connector starts: it is in no manifest, log or history.
 * `fallback` is used where the variable is not set, so it should be no secret.
 */
export function env(name: string, fallback?: string): EnvRef {
  const shapes = { name: like(someText, "env('CRM_URL')"), fallback: optional(text) }
  checkArguments('env', shapes, { name, fallback })
  return Object.freeze(fallback === undefined ? { $env: name } : { $env: name, default: fallback })
}
