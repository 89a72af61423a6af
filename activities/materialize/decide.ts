import {
  TraitlineError,
  type AssetKey,
  type AssetOutcome,
  type AssetSpec,
  type AssetStates,
  type StaleReason,
} from '../../orchestrator/contract/index.ts'
import {
  blockedBy,
  guardsOf,
  judge,
  missingUpstreams,
  neverMaterialized,
  upstreamVersions,
  type Guard,
} from '../../orchestrator/plan/index.ts'

export type Decision =
  /** Nothing to do, or nothing that may be done: the outcome says which. */
  | { readonly type: 'settled'; readonly outcome: AssetOutcome }
  | {
      readonly type: 'work'
      readonly reasons: readonly StaleReason[]
      /** The version of each upstream that is about to be read. */
      readonly upstream: Readonly<Record<AssetKey, string>>
    }

/**
 * What to do with an asset now, by the states of it and its deps. `guards` are the assets whose failed checks keep it
 * from anything: its deps, unless told. Throws UPSTREAM_MISSING.
 */
export function decide(
  spec: AssetSpec,
  states: AssetStates,
  options: { readonly warehouse: string; readonly force: boolean; readonly guards?: readonly Guard[] },
): Decision {
  const missing = missingUpstreams(spec, states, options.warehouse)
  if (missing.length > 0) throw upstreamMissing(spec, missing)
  const [blocked] = blockedBy(options.guards ?? guardsOf(spec), states)
  if (blocked !== undefined) {
    const reason = `${blocked.checks.length === 1 ? 'its check' : 'its checks'} ${blocked.checks.join(', ')} failed`
    return settled({ asset: spec.key, status: 'upstream_failed', upstream: blocked.upstream, reason })
  }
  const upstream = upstreamVersions(spec, states)
  const reasons = judge(spec, states[spec.key] ?? neverMaterialized(spec.key), upstream, options)
  return reasons.length === 0 ? settled({ asset: spec.key, status: 'fresh' }) : { type: 'work', reasons, upstream }
}

function settled(outcome: AssetOutcome): Decision {
  return { type: 'settled', outcome }
}

function upstreamMissing(spec: AssetSpec, missing: readonly AssetKey[]): TraitlineError {
  return new TraitlineError({
    code: 'UPSTREAM_MISSING',
    message: `${spec.key} reads ${missing.join(', ')}, which ${missing.length === 1 ? 'was' : 'were'} never materialised in this warehouse`,
    hint: `Select what is upstream as well: traitline materialize '+${spec.key}'. What others fill they have to report first: traitline report`,
    blame: 'user',
  })
}
