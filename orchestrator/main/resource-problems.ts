import type { Resources } from '../../activities/runtime/index.ts'
import { isTraitlineError, type Scope, type TraitlineError } from '../contract/index.ts'
import type { Store } from '../store/index.ts'

/**
 * What is wrong with the resources of projects as they are deployed, with the variables that are set here. It stops
 * nobody: a run that needs one of them does not begin, and the others do.
 */
export async function resourceProblems(
  resources: Resources,
  revisions: Pick<Store['revisions'], 'latest'>,
  scopes: readonly Scope[],
): Promise<readonly TraitlineError[]> {
  const found: TraitlineError[] = []
  for (const scope of scopes) {
    const latest = await revisions.latest(scope)
    for (const spec of latest?.manifest.resources ?? []) {
      await resources.find(scope, spec).catch((error: unknown) => {
        if (!isTraitlineError(error)) throw error
        found.push(error as TraitlineError)
      })
    }
  }
  return found
}
