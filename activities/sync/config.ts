import {
  isEnvRef,
  type DestinationSpec,
  type JsonObject,
  type JsonValue,
  TraitlineError,
} from '../../orchestrator/contract/index.ts'

export interface ResolvedConfig {
  readonly config: JsonObject
  /** Values that came from the environment: never to be shown. */
  readonly secrets: readonly string[]
}

/** The destination's configuration with its EnvRefs filled in. Throws SECRET_MISSING, which names the variable. */
export function resolveConfig(
  destination: DestinationSpec,
  secrets: (name: string) => string | undefined,
): ResolvedConfig {
  const found: string[] = []
  const resolve = (value: JsonValue): JsonValue => {
    if (isEnvRef(value)) {
      const text = secrets(value.$env) ?? value.default
      if (text === undefined) throw secretMissing(destination.name, value.$env)
      if (text !== '') found.push(text)
      return text
    }
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item)]))
  }
  return { config: resolve(destination.config) as JsonObject, secrets: found }
}

function secretMissing(destination: string, variable: string): TraitlineError {
  return new TraitlineError({
    code: 'SECRET_MISSING',
    message: `Destination ${destination} needs the environment variable ${variable}, and the worker has none`,
    hint: `Set ${variable} where the worker starts, or give env('${variable}', ...) a default.`,
    blame: 'config',
  })
}
