import { TraitlineError, type ResourceSpec, type Scope } from '../../orchestrator/contract/index.ts'

/** A resource as it is in an environment. It stays in this process, or goes to a child in its environment. */
export interface MadeResource {
  readonly value: unknown
  /** What came from variables: never to be shown. */
  readonly secrets: readonly string[]
}

/** Makes resources of users' projects. Throws SECRET_MISSING, RESOURCE_INVALID and RESOURCE_CHANGED. */
export interface Resources {
  /** One that code of the project hands in, as that code imported it. */
  make(scope: Scope, resource: unknown): Promise<MadeResource>
  /** One by what the manifest says of it, from the project's folder. */
  find(scope: Scope, spec: ResourceSpec): Promise<MadeResource>
}

/** What code of a project is given to get at its resources: those alone that were declared for it. */
export function useOf(
  resources: Resources | undefined,
  scope: Scope,
  declared: readonly string[],
): (resource: unknown) => Promise<unknown> {
  return async (resource) => {
    const name = typeof resource === 'object' && resource !== null && 'name' in resource ? String(resource.name) : '?'
    if (!declared.includes(name) || resources === undefined) throw notDeclared(name, declared)
    return (await resources.make(scope, resource)).value
  }
}

function notDeclared(name: string, declared: readonly string[]): TraitlineError {
  return new TraitlineError({
    code: 'RESOURCE_NOT_DECLARED',
    message: `it uses the resource ${name}, which is not declared for it${declared.length === 0 ? '' : `: only ${declared.join(', ')}`}`,
    hint: `Name it where the code is named: resources: [${name}]. Then deploy again.`,
    blame: 'user',
  })
}
