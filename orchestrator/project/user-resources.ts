import { canonicalJson, TraitlineError, type ResourceSpec, type Scope } from '../contract/index.ts'
import { isDefinition, type Definition } from '../define/definition.ts'
import type { Resource } from '../define/resource.ts'
import { definitionsOf } from './collect.ts'
import { loadProject } from './load.ts'
import { describeResource, resolveResource, type ResolvedResource } from './resources.ts'

/** Makes the resources of projects as workers need them, each time anew: a variable may be another by then. */
export function userResources(world: {
  readonly projectDir: (scope: Scope) => string
  readonly variable: (name: string) => string | undefined
}) {
  const { projectDir, variable } = world
  return {
    async make({ environment }: Scope, resource: unknown): Promise<ResolvedResource> {
      if (!isResource(resource)) throw noResource()
      return resolveResource(resource, { environment, variable })
    },
    async find(scope: Scope, { definedAt: _, ...spec }: ResourceSpec): Promise<ResolvedResource> {
      const { environment } = scope
      const found = definitionsOf(await loadProject(projectDir(scope))).find(
        (each): each is Resource => isResource(each) && each.name === spec.name,
      )
      if (found === undefined || canonicalJson(describeResource(found, environment)) !== canonicalJson(spec)) {
        throw changed(spec.name)
      }
      return resolveResource(found, { environment, variable })
    },
  }
}

function isResource(value: unknown): value is Resource {
  return isDefinition(value) && (value as Definition).kind === 'resource'
}

function noResource(): TraitlineError {
  return new TraitlineError({
    code: 'RESOURCE_INVALID',
    message: 'it uses something that is no resource',
    hint: "Import what resource('name', ...) made, and hand that to use().",
    blame: 'user',
  })
}

function changed(name: string): TraitlineError {
  return new TraitlineError({
    code: 'RESOURCE_CHANGED',
    message: `resource ${name} is not what was deployed`,
    hint: 'Deploy the project again, or let this worker run on the folder of the revision.',
    blame: 'config',
  })
}
