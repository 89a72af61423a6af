import {
  addCheckCounts,
  countChecks,
  noCheckCounts,
  type CheckActivities,
  type CheckCounts,
  type CheckRunInput,
} from '../../orchestrator/contract/index.ts'
import { asActivities, manifestIndex, withHeartbeat } from '../runtime/index.ts'
import type { CheckDeps, CheckRunDeps } from './deps.ts'
import { checkPartitions } from './recheck-partitions.ts'
import { checkMaterialized, type Materialized } from './recheck.ts'

export type { CheckDeps, UserCode } from './deps.ts'

/** Checks without materialising. What a lost attempt has recorded of an asset stands. */
export function createCheckActivities(deps: CheckRunDeps): CheckActivities {
  return asActivities<CheckActivities>({
    checkAssets: (input: CheckRunInput) =>
      withHeartbeat(async (signal) => {
        const { environment, project, run, revision, accept } = input
        const scope = { environment, project }
        const manifest = manifestIndex(await deps.manifests(scope, revision))
        let counts: CheckCounts = noCheckCounts
        for (const key of input.assets) {
          const spec = manifest.asset(key)
          const looked = { scope, run, spec, manifest, accept, signal }
          counts = addCheckCounts(
            counts,
            spec.partitions === undefined
              ? await checkWhole(deps, looked)
              : await checkPartitions(deps, looked, input.partitions ?? null),
          )
        }
        return counts
      }),
  })
}

async function checkWhole(deps: CheckDeps, looked: Materialized): Promise<CheckCounts> {
  const results = await checkMaterialized(deps, looked)
  return results === null ? { ...noCheckCounts, skipped: 1 } : countChecks(results)
}
