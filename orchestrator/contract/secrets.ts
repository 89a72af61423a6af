import type { JsonObject, JsonValue } from './json.ts'
import type { DestinationSpec, EnvRef } from './spec.ts'

export function isEnvRef(value: JsonValue): value is JsonValue & EnvRef {
  return typeof value === 'object' && value !== null && '$env' in value && typeof value['$env'] === 'string'
}

/** A variable that a destination cannot do without, and that is not set. */
export interface MissingVariable {
  readonly destination: string
  readonly variable: string
}

/** The variables without a fallback that are not set, by destination and in the order of its configuration. */
export function missingVariables(
  destinations: readonly Pick<DestinationSpec, 'name' | 'config'>[],
  isSet: (variable: string) => boolean,
): MissingVariable[] {
  return destinations.flatMap(({ name, config }) =>
    [...new Set(requiredVariables(config))]
      .filter((variable) => !isSet(variable))
      .map((variable) => ({ destination: name, variable })),
  )
}

/** `SHOP_CRM_URL (destination crm), SLACK_BOT_TOKEN (destination team)`. */
export function missingInWords(missing: readonly MissingVariable[]): string {
  return missing.map(({ destination, variable }) => `${variable} (destination ${destination})`).join(', ')
}

function requiredVariables(value: JsonValue | JsonObject): string[] {
  if (isEnvRef(value)) return value.default === undefined ? [value.$env] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((item: JsonValue) => requiredVariables(item))
}
