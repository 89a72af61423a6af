import { isEnvRef, type JsonValue } from '../contract/index.ts'
import type { Definition } from '../define/definition.ts'
import type { Context } from './context.ts'

/**
 * Reports `env(...)` where a value is part of what an asset is: its code version would depend on who compiles it, and
 * the manifest would tell a name in the place of a value.
 */
export function refuseVariables(
  definition: Definition,
  option: string,
  value: JsonValue,
  fix: string,
  context: Context,
): void {
  const search = (part: JsonValue, path: string): void => {
    if (isEnvRef(part)) {
      const reason = `its ${path} is env('${part.$env}'): no variable may decide what an asset is`
      context.report(definition, reason, `${fix}, or use perEnvironment for what is no secret`)
    } else if (typeof part === 'object' && part !== null) {
      for (const [name, inner] of Object.entries(part)) search(inner as JsonValue, `${path}.${name}`)
    }
  }
  search(value, option)
}
