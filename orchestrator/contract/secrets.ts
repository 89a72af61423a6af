import type { JsonObject, JsonValue } from './json.ts'
import type { ResourceSpec } from './resource.ts'
import type { AssetSpec, DestinationSpec, EnvRef } from './spec.ts'

export function isEnvRef(value: JsonValue): value is JsonValue & EnvRef {
  return typeof value === 'object' && value !== null && '$env' in value && typeof value['$env'] === 'string'
}

/** A variable that something cannot do without, and that is not set. */
export interface MissingVariable {
  /** `destination crm`, `resource billing`. */
  readonly owner: string
  readonly variable: string
}

/** The variables without a fallback that are not set, of each in the order in which it names them. */
export function missingVariables(
  needs: {
    readonly destinations: readonly Pick<DestinationSpec, 'name' | 'config'>[]
    readonly resources?: readonly Pick<ResourceSpec, 'name' | 'variables'>[] | undefined
  },
  isSet: (variable: string) => boolean,
): MissingVariable[] {
  const owners = [
    ...needs.destinations.map(({ name, config }) => ({
      owner: `destination ${name}`,
      variables: requiredVariables(config),
    })),
    ...(needs.resources ?? []).map(({ name, variables }) => ({
      owner: `resource ${name}`,
      variables: variables.filter(({ required }) => required).map(({ variable }) => variable),
    })),
  ]
  return owners.flatMap(({ owner, variables }) =>
    [...new Set(variables)].filter((variable) => !isSet(variable)).map((variable) => ({ owner, variable })),
  )
}

/** `SHOP_CRM_URL (destination crm), BILLING_KEY (resource billing)`. */
export function missingInWords(missing: readonly MissingVariable[]): string {
  return missing.map(({ owner, variable }) => `${variable} (${owner})`).join(', ')
}

/** Names of the resources that an asset's own code or its checks use. */
export function resourcesUsed(spec: AssetSpec): readonly string[] {
  const own = spec.kind === 'notebook' ? Object.values(spec.resources ?? {}) : []
  const checks = (spec.checks ?? []).flatMap(({ test }) => (test.type === 'typescript' ? (test.resources ?? []) : []))
  return [...new Set([...own, ...checks])]
}

function requiredVariables(value: JsonValue | JsonObject): string[] {
  if (isEnvRef(value)) return value.default === undefined ? [value.$env] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((item: JsonValue) => requiredVariables(item))
}
