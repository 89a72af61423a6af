import {
  TraitlineError,
  type AssetKey,
  type AssetOutcome,
  type AssetStates,
  type ColumnSpec,
  type ModelSpec,
  type StepInput,
} from '../../orchestrator/contract/index.ts'
import { upstreamVersions } from '../../orchestrator/plan/index.ts'
import { checksOf, ofAsset, recordMade } from '../materialize/materialize-asset.ts'
import { profileRelation, type Profile, type ProfileColumn } from '../profile/profile.ts'
import { isTriedAgain, toFailure, type ManifestIndex } from '../runtime/index.ts'
import type { DbtDeps } from './deps.ts'
import type { Fate } from './fates.ts'

interface Invoked {
  readonly index: ManifestIndex
  /** In topological order. */
  readonly fates: ReadonlyMap<AssetKey, Fate>
  readonly states: AssetStates
  readonly warehouse: string
  readonly startedAt: Date
  readonly signal: AbortSignal
}

/** Models are profiled so many at a time: each takes a few scans. */
const profilesAtOnce = 4

/**
 * Profiles what was built and records every model's fate, upstream first: what is downstream names its version. Where
 * failures are tried again, only what was built is recorded, and the first failure is thrown.
 */
export async function recordFates(deps: DbtDeps, input: StepInput, invoked: Invoked): Promise<void> {
  const profiles = await profileAll(deps, invoked)
  const versions: Record<AssetKey, string> = {}
  const others: AssetOutcome[] = []
  for (const [key, fate] of invoked.fates) {
    if (fate.type !== 'built') {
      others.push(outcomeOf(key, fate))
      continue
    }
    const profile = profiles.get(key)
    if (profile === undefined || 'failure' in profile) {
      others.push({ asset: key, status: 'failed', failure: profile?.failure ?? toFailure(undefined) })
      continue
    }
    const spec = invoked.index.assetOf('model', key)
    const upstream = { ...upstreamVersions(spec, invoked.states), ...pick(versions, spec.deps) }
    versions[key] = profile.dataVersion
    // dbt's own time for the model, not that of the whole invocation.
    const clock = (): Date => new Date(invoked.startedAt.getTime() + Math.round(fate.seconds * 1_000))
    const made = { ...profile, checks: fate.checks, summary: null }
    const checks = await checksOf(deps, input, { spec, manifest: invoked.index, signal: invoked.signal }, made)
    await recordMade(
      { store: deps.store, clock },
      input,
      { spec, upstream, warehouse: invoked.warehouse, startedAt: invoked.startedAt },
      { ...made, checks },
    )
  }
  const [failed] = others.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.failure] : []))
  if (failed !== undefined && isTriedAgain(input)) throw new TraitlineError(failed)
  await deps.store.assets.recordOutcomes(input, input.run, others)
}

type Profiled = Profile | { readonly failure: ReturnType<typeof toFailure> }

async function profileAll(deps: DbtDeps, { index, fates, signal }: Invoked): Promise<ReadonlyMap<AssetKey, Profiled>> {
  const profiles = new Map<AssetKey, Profiled>()
  const queue = [...fates].flatMap(([key, fate]) => (fate.type === 'built' ? [index.assetOf('model', key)] : []))
  const work = async (): Promise<void> => {
    for (let spec = queue.shift(); spec !== undefined; spec = queue.shift()) {
      profiles.set(spec.key, await profileOf(deps, index, spec, signal))
    }
  }
  await Promise.all(Array.from({ length: profilesAtOnce }, work))
  return profiles
}

async function profileOf(deps: DbtDeps, index: ManifestIndex, spec: ModelSpec, signal: AbortSignal): Promise<Profiled> {
  const { relation } = spec
  try {
    const found = await deps.warehouse.describe(relation, { signal })
    const columns = found === null ? undefined : profiled(index, spec, found)
    return await profileRelation(deps.warehouse, { relation, columns }, { signal })
  } catch (error) {
    signal.throwIfAborted()
    const failure = toFailure(ofAsset(spec.key, error))
    // A warehouse that was lost is nothing that a model did: the step is tried again.
    if (failure.blame === 'system') throw error
    return { failure }
  }
}

/** Nothing is told of keys and of personal data, however engines write their names; of texts only counts, since nobody declared their categories. */
function profiled(index: ManifestIndex, spec: ModelSpec, columns: readonly ColumnSpec[]): ProfileColumn[] {
  const id = (name: string): string => name.toLowerCase()
  const personal = spec.columns.filter((column) => column.pii === true).map((column) => column.name)
  const kept = new Set([...index.manifest.entities.map((entity) => entity.key.column), ...personal].map(id))
  return columns.map(({ name, type }) => ({ name, type, statistics: !kept.has(id(name)) }))
}

function outcomeOf(asset: AssetKey, fate: Exclude<Fate, { readonly type: 'built' }>): AssetOutcome {
  return fate.type === 'failed'
    ? { asset, status: 'failed', failure: fate.failure }
    : { asset, status: 'upstream_failed', upstream: fate.upstream, reason: fate.reason }
}

function pick(versions: Readonly<Record<AssetKey, string>>, keys: readonly AssetKey[]): Record<AssetKey, string> {
  return Object.fromEntries(keys.flatMap((key) => (key in versions ? [[key, versions[key]]] : []))) as Record<
    AssetKey,
    string
  >
}
