import {
  addCheckCounts,
  countChecks,
  noCheckCounts,
  type CheckActivities,
  type CheckCounts,
  type CheckRunInput,
} from '../../orchestrator/contract/index.ts'
import { asActivities, manifestIndex, withHeartbeat, type Manifests } from '../runtime/index.ts'
import type { CheckDeps } from './deps.ts'
import { checkMaterialized } from './recheck.ts'

export type { CheckDeps, UserCode } from './deps.ts'

/** Checks without materialising. What a lost attempt has recorded of an asset stands. */
export function createCheckActivities(deps: CheckDeps & { readonly manifests: Manifests }): CheckActivities {
  return asActivities<CheckActivities>({
    checkAssets: (input: CheckRunInput) =>
      withHeartbeat(async (signal) => {
        const { environment, project, run, revision, accept } = input
        const scope = { environment, project }
        const manifest = manifestIndex(await deps.manifests(scope, revision))
        let counts: CheckCounts = noCheckCounts
        for (const key of input.assets) {
          const spec = manifest.asset(key)
          const results = await checkMaterialized(deps, { scope, run, spec, manifest, accept, signal })
          const found = results === null ? { ...noCheckCounts, skipped: 1 } : countChecks(results)
          counts = addCheckCounts(counts, found)
        }
        return counts
      }),
  })
}
