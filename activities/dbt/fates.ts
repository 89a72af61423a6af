import type { AssetKey, CheckResult, DbtTestSpec, Failure, ModelSpec } from '../../orchestrator/contract/index.ts'
import { withoutValues } from '../../orchestrator/process/index.ts'
import type { NodeResult, NodeResults } from './results.ts'

/** What became of a model in one invocation. */
export type Fate =
  | { readonly type: 'built'; readonly checks: readonly CheckResult[]; readonly seconds: number }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'upstream_failed'; readonly upstream: AssetKey; readonly reason: string }

/**
 * Reads each model's fate from dbt's results, in topological order. `unfinished` is what ended dbt where it has no
 * result for a model: a broken project, a signal.
 */
export function fatesOf(
  models: readonly ModelSpec[],
  results: NodeResults,
  unfinished: Failure,
): ReadonlyMap<AssetKey, Fate> {
  const fates = new Map<AssetKey, Fate>()
  for (const spec of models) fates.set(spec.key, fateOf(spec, results, fates, unfinished))
  return fates
}

function fateOf(spec: ModelSpec, results: NodeResults, before: ReadonlyMap<AssetKey, Fate>, unfinished: Failure): Fate {
  const result = results.get(spec.uniqueId)
  if (result === undefined) return { type: 'failed', failure: unfinished }
  if (built.has(result.status)) {
    return { type: 'built', checks: checksOf(spec.tests, results), seconds: result.seconds }
  }
  if (result.status === 'skipped') {
    const root = rootOf(spec, before)
    if (root !== null) return { type: 'upstream_failed', ...root }
  }
  return { type: 'failed', failure: modelFailure(spec, result) }
}

const built: ReadonlySet<string> = new Set(['success', 'no-op', 'warn', 'pass'])

/** Which upstream of this invocation is to blame for a model that dbt skipped. */
function rootOf(
  spec: ModelSpec,
  before: ReadonlyMap<AssetKey, Fate>,
): { readonly upstream: AssetKey; readonly reason: string } | null {
  for (const upstream of spec.deps) {
    const fate = before.get(upstream)
    if (fate === undefined) continue
    if (fate.type === 'upstream_failed') return { upstream: fate.upstream, reason: fate.reason }
    if (fate.type === 'failed') return { upstream, reason: fate.failure.message }
    const failed = fate.checks.filter((check) => check.severity === 'error' && !check.passed).map((check) => check.name)
    if (failed.length > 0)
      return { upstream, reason: `its check${failed.length > 1 ? 's' : ''} ${failed.join(', ')} failed` }
  }
  return null
}

function checksOf(tests: readonly DbtTestSpec[], results: NodeResults): CheckResult[] {
  return tests.flatMap((test): CheckResult[] => {
    const result = results.get(test.uniqueId)
    if (result === undefined || result.status === 'skipped') return []
    const { name, severity } = test
    const passed = result.status === 'pass' || result.status === 'success'
    // A test of severity error may still only warn: dbt has thresholds for both.
    const warned = result.status === 'warn'
    return [
      {
        name,
        severity: warned ? 'warn' : severity,
        passed,
        failures: result.failures,
        message: passed ? null : withoutValues(result.message, { lines: 3, length: 500 }),
      },
    ]
  })
}

function modelFailure(spec: ModelSpec, result: NodeResult): Failure {
  const skipped = result.status === 'skipped'
  const said = withoutValues(result.message)
  return {
    code: skipped ? 'DBT_MODEL_SKIPPED' : 'DBT_MODEL_FAILED',
    message: `dbt ${skipped ? 'skipped' : 'could not build'} ${spec.key}${said === '' ? '' : `: ${said}`}`,
    hint: `Correct ${spec.path}, or what it reads; the step's log has all that dbt said.`,
    blame: 'user',
  }
}
