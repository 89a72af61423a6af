import type { EnvRef } from '../contract/index.ts'

/**
 * The value of an environment variable, read where a connector starts: it is in no manifest, log or history.
 * `fallback` is used where the variable is not set, so it should be no secret.
 */
export function env(name: string, fallback?: string): EnvRef {
  return Object.freeze(fallback === undefined ? { $env: name } : { $env: name, default: fallback })
}
