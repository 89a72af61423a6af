import { Context } from '@temporalio/activity'
import {
  TraitlineError,
  isTraitlineError,
  type AssetKey,
  type AssetKind,
  type AssetOutcome,
  type AssetSpec,
  type AssetState,
  type CheckResult,
  type JsonObject,
  type Materialization,
  type Scope,
  type StaleReason,
  type StepInput,
  type StepOutcome,
} from '../../orchestrator/contract/index.ts'
import type { CheckDeps } from '../checks/deps.ts'
import { evaluateChecks } from '../checks/evaluate.ts'
import { recheckAged } from '../checks/recheck.ts'
import { neverMaterialized, withFailuresRead } from '../../orchestrator/plan/index.ts'
import type { Profile } from '../profile/profile.ts'
import { manifestIndex, openPartitionings, withHeartbeat, type ManifestIndex, type SpecOf } from '../runtime/index.ts'
import { decide } from './decide.ts'
import type { MaterializeDeps } from './deps.ts'

/** What a kind's own file gets to work with. */
export interface Job<Spec extends AssetSpec> {
  readonly spec: Spec
  readonly manifest: ManifestIndex
  readonly input: StepInput
  readonly reasons: readonly StaleReason[]
  readonly previous: AssetState
  /** Identity of the warehouse's content. */
  readonly warehouse: string
  /** Temporal's count, from 1. A later attempt may find what an earlier one left without recording it. */
  readonly attempt: number
  /** Aborted when the run is cancelled or the worker shuts down. */
  readonly signal: AbortSignal
}

/** What it answers: the table is in place and this is what it holds. `rows` is null where nobody counted. */
export interface Made extends Omit<Profile, 'rows'> {
  readonly rows: number | null
  readonly checks?: readonly CheckResult[]
  readonly metadata?: JsonObject
  readonly summary?: string | null
}

/**
 * All that is common to making one asset: answer what this run already recorded, judge again whether it is stale, work
 * with heartbeats, record. `work` says only what is a kind's own; it may run again after a crash at any point, and may
 * find that nothing changed after all (`'fresh'`).
 */
export async function materializeAsset<K extends AssetKind>(
  deps: MaterializeDeps,
  input: StepInput,
  kind: K,
  work: (job: Job<SpecOf<K>>) => Promise<Made | 'fresh'>,
): Promise<StepOutcome> {
  const key = onlyAsset(input)
  return withHeartbeat(async (signal) => {
    const manifest = manifestIndex(await deps.manifests(input, input.revision))
    const spec = manifest.assetOf(kind, key)
    const { attempt } = Context.current().info
    const startedAt = deps.clock()
    const [{ recorded, states: found }, warehouse] = await Promise.all([
      deps.store.assets.startStep(input, [key], attempt, [key, ...spec.deps]),
      deps.warehouse.identity(),
    ])
    if (recorded.length > 0) return { assets: recorded }
    const states = await withFailuresRead(deps.store.partitions, input, spec, found, () =>
      openPartitionings(deps.store.partitions, input, manifest.manifest, [spec], deps.clock),
    )
    const decision = decide(spec, states, { warehouse, force: input.force })
    if (decision.type === 'settled') return settle(deps, input, { spec, manifest, signal }, decision.outcome)

    const previous = states[key] ?? neverMaterialized(key)
    const job = { spec, manifest, input, reasons: decision.reasons, previous, warehouse, attempt, signal }
    const made = await work(job).catch((error: unknown) => Promise.reject(ofAsset(key, error)))
    if (made === 'fresh') return settle(deps, input, job, { asset: key, status: 'fresh' })
    const checks = await checksOf(deps, input, job, made)
    const { upstream } = decision
    const outcome = await recordMade(deps, input, { spec, upstream, warehouse, startedAt }, { ...made, checks })
    return { assets: [outcome] }
  })
}

/** Records what was made. Once more for the same run and asset it answers the first outcome. */
export async function recordMade(
  deps: Pick<MaterializeDeps, 'store' | 'clock'>,
  input: StepInput,
  asset: {
    readonly spec: AssetSpec
    readonly upstream: Readonly<Record<AssetKey, string>>
    readonly warehouse: string
    readonly startedAt: Date
  },
  made: Made,
): Promise<AssetOutcome> {
  const materialization: Materialization = {
    asset: asset.spec.key,
    codeVersion: asset.spec.codeVersion,
    dataVersion: made.dataVersion,
    upstream: asset.upstream,
    warehouse: asset.warehouse,
    rows: made.rows,
    startedAt: asset.startedAt.toISOString(),
    durationMs: deps.clock().getTime() - asset.startedAt.getTime(),
    statistics: made.statistics,
    checks: made.checks ?? [],
    metadata: made.metadata ?? {},
  }
  return deps.store.assets.recordMaterialization(input, materialization, made.summary ?? null)
}

/** The checks of what was made, after those that it brought itself. */
export async function checksOf(
  deps: CheckDeps,
  scope: Scope,
  { spec, manifest, signal }: Looked,
  made: Made,
): Promise<readonly CheckResult[]> {
  const { environment, project } = scope
  const evaluated = await evaluateChecks(deps, {
    ...{ scope: { environment, project }, spec, manifest, signal },
    rows: made.rows,
    counts: made.metadata ?? {},
    materialization: null,
  })
  return [...(made.checks ?? []), ...evaluated]
}

/** An asset that a step looks at. */
interface Looked {
  readonly spec: AssetSpec
  readonly manifest: ManifestIndex
  readonly signal: AbortSignal
}

async function settle(
  deps: MaterializeDeps,
  input: StepInput,
  { spec, manifest, signal }: Looked,
  outcome: AssetOutcome,
): Promise<StepOutcome> {
  if (outcome.status === 'fresh') await recheckAged(deps, input, spec, manifest, signal)
  await deps.store.assets.recordOutcomes(input, input.run, [outcome])
  return { assets: [outcome] }
}

/** An error that names the asset, if it does not already. */
export function ofAsset(key: AssetKey, error: unknown): unknown {
  if (!isTraitlineError(error) || error.message.includes(key)) return error
  const { code, message, hint, blame, final } = error
  return new TraitlineError({ code, message: `${key}: ${message}`, hint, blame, final, cause: error })
}

function onlyAsset(input: StepInput): AssetKey {
  const [planned, ...others] = input.step.assets
  if (planned !== undefined && others.length === 0) return planned.key
  throw new TraitlineError({
    code: 'STEP_INVALID',
    message: `The step ${input.step.id} of ${input.step.workflow} has ${input.step.assets.length} assets instead of one`,
    hint: 'This is a fault of planning: please report it.',
    blame: 'system',
  })
}
