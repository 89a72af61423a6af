import { isExternal } from '../../orchestrator/contract/index.ts'
import type { AssetKey, CheckResult, StepInput } from '../../orchestrator/contract/index.ts'
import type { AssetSpec } from '../../orchestrator/contract/index.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import type { CheckDeps } from './deps.ts'
import { evaluateChecks } from './evaluate.ts'

/**
 * What is fresh has not changed, but its latest timestamp has grown older: checks that ask the clock are evaluated
 * whenever a run looks at the asset.
 */
export async function recheckAged(
  deps: CheckDeps,
  input: StepInput,
  spec: AssetSpec,
  manifest: ManifestIndex,
  signal: AbortSignal,
): Promise<void> {
  const aged = (spec.checks ?? []).filter(({ test }) => test.type === 'freshness')
  if (aged.length === 0) return
  await checkMaterialized(deps, { scope: input, run: input.run, spec, manifest, accept: false, signal }, aged)
}

export interface Materialized {
  readonly scope: Pick<StepInput, 'environment' | 'project'>
  readonly run: string
  readonly spec: AssetSpec
  readonly manifest: ManifestIndex
  readonly accept: boolean
  readonly signal: AbortSignal
}

/** An asset may be materialised while it is checked: then it is checked again, but not for ever. */
const mostTries = 3

/**
 * Evaluates checks of the latest materialisation and records them. Null if there is none, or if it was replaced again
 * and again: whoever replaced it has checked it.
 */
export async function checkMaterialized(
  deps: CheckDeps,
  { scope, run, spec, manifest, accept, signal }: Materialized,
  checks = spec.checks ?? [],
): Promise<readonly CheckResult[] | null> {
  const { environment, project } = scope
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const latest = await deps.store.checks.latest({ environment, project }, spec.key)
    if (latest === null) return null
    const results = await evaluateChecks(
      deps,
      {
        ...{ scope: { environment, project }, spec, manifest, accept, signal },
        rows: latest.rows,
        counts: latest.metadata,
        materialization: latest.id,
      },
      checks,
    )
    const gone = isExternal(spec) ? [] : latest.failedChecks.filter((name) => !known(spec).has(name))
    const recorded = await deps.store.checks.record({
      ...{
        scope: { environment, project },
        run,
        asset: spec.key as AssetKey,
        materialization: latest.id,
        results,
        gone,
      },
    })
    if (recorded) return results
  }
  return null
}

/** A check that is no longer defined can no longer hold anything up; what others reported of their asset can. */
export function known(spec: AssetSpec): ReadonlySet<string> {
  const tests = spec.kind === 'model' ? spec.tests : []
  return new Set([...(spec.checks ?? []), ...tests].map(({ name }) => name))
}
