import { isTraitlineError, type ResourceSpec, type Scope } from '../../contract/index.ts'
import { userResources } from '../../project/index.ts'
import type { Connections } from '../connections.ts'
import type { Settings } from '../settings.ts'
import { fail, ok, type Finding } from './finding.ts'

/** Whether a resource can be made here: its variables are set, and its schema takes what they hold. */
export async function checkResource(
  spec: ResourceSpec,
  scope: Scope,
  settings: Settings,
  connections: Connections,
): Promise<Finding> {
  const name = `resource ${spec.name}`
  const variables = connections.stack?.variables ?? {}
  const resources = userResources({
    projectDir: () => settings.projectDir,
    variable: (variable) => settings.secret(variable) ?? variables[variable],
  })
  try {
    await resources.find(scope, spec)
  } catch (error) {
    if (isTraitlineError(error)) return fail(name, error.message, error.hint)
    throw error
  }
  return ok(name, `is what its schema says in ${scope.environment}`)
}
