import type {
  AssetKey,
  AssetSpec,
  AssetStates,
  CodeChange,
  PlannedAsset,
  PlanPreview,
  PreviewAsset,
  PreviewCounts,
  PreviewRead,
  PreviewReason,
  Prospect,
  RunPlan,
  StaleReason,
} from '../contract/index.ts'
import { createEstimator, type DurationHistory } from './estimate.ts'
import { explainReason } from './explain.ts'
import { planningKind } from './kinds.ts'
import { schedule } from './schedule.ts'
import { blockedBy, guardsOf, missingUpstreams } from './upstreams.ts'

/** Who made the version of an asset that is there now. */
export interface Made {
  readonly revision: number
  readonly run: string
  readonly at: string
}

export interface PreviewInput {
  readonly plan: RunPlan
  readonly specOf: (key: AssetKey) => AssetSpec
  /** Of the targets and what they read. */
  readonly states: AssetStates
  readonly made: ReadonlyMap<AssetKey, Made>
  readonly history: DurationHistory
  readonly warehouse: string | null
  readonly concurrency: number
  /** How the definitions of assets whose code changed differ, as far as it was looked up. */
  readonly codeChanges: ReadonlyMap<AssetKey, CodeChange>
  /** Rows that the last run of a sync still owes its destination. */
  readonly owed: ReadonlyMap<AssetKey, NonNullable<PreviewAsset['owed']>>
}

export type Preview = Pick<PlanPreview, 'steps' | 'fresh' | 'counts' | 'estimate' | 'concurrency'>

/**
 * A plan with all that is known before it runs: whether each asset runs for certain, which versions it would read,
 * what would hold it up, and how long it is likely to take.
 *
 * @example
 * const plan = planRun({ assets, states, targets, force: false, warehouse })
 * previewPlan({ plan, specOf, states, ... }).steps[0]
 * // { id: 'trait/ltv', estimate: { ms: 1200, from: 'history', startMs: 0 }, assets: [{ prospect: 'certain', ... }] }
 */
export function previewPlan(input: PreviewInput): Preview {
  const { plan, states, concurrency } = input
  const assets = new Map<AssetKey, PreviewAsset>()
  for (const planned of plan.steps.flatMap((step) => step.assets)) {
    assets.set(planned.key, previewAsset(input, planned, assets))
  }
  const estimateOf = createEstimator(states, input.history)
  const steps = plan.steps.map((step) => ({
    ...step,
    assets: step.assets.map(({ key }) => assets.get(key)!),
    time: estimateOf(step),
  }))
  const runs = steps.filter((step) => step.assets.some(({ prospect }) => prospect !== 'blocked'))
  const certain = runs.filter((step) => step.assets.some(({ prospect }) => prospect === 'certain'))
  const tasks = (of: typeof steps) => of.map(({ id, after, time }) => ({ id, after, ms: time.ms ?? 0 }))
  const most = schedule(tasks(runs), concurrency)
  return {
    concurrency,
    steps: steps.map(({ id, workflow, after, assets: members, time }) => ({
      id,
      workflow,
      after,
      estimate: { ...time, startMs: most.startMs.get(id) ?? 0 },
      assets: members,
    })),
    fresh: plan.fresh,
    counts: countsOf([...assets.values()], plan.fresh.length),
    estimate: {
      mostMs: most.endMs,
      leastMs: schedule(tasks(certain), concurrency).endMs,
      unknownSteps: runs.filter(({ time }) => time.ms === null).length,
      criticalPath: most.criticalPath,
    },
  }
}

function previewAsset(
  input: PreviewInput,
  planned: PlannedAsset,
  before: ReadonlyMap<AssetKey, PreviewAsset>,
): PreviewAsset {
  const { key, reasons } = planned
  const spec = input.specOf(key)
  const blocked = obstacle(input, spec, before)
  const owed = input.owed.get(key) ?? null
  const certain = reasons.some(({ type }) => type !== 'upstream_may_change')
  return {
    key,
    kind: spec.kind,
    prospect: blocked !== null ? 'blocked' : certain ? 'certain' : 'possible',
    reasons: reasons.map((reason) => reasonOf(reason, owed, spec)),
    blocked,
    reads: spec.deps.map((dep) => readOf(input, key, dep, before)),
    code: input.codeChanges.get(key) ?? null,
    owed,
  }
}

/**
 * What would keep it from running. An upstream that runs before it may put right what holds it up now, unless that is
 * held up itself.
 */
function obstacle(
  input: PreviewInput,
  spec: AssetSpec,
  before: ReadonlyMap<AssetKey, PreviewAsset>,
): PreviewAsset['blocked'] {
  const { states, warehouse } = input
  for (const upstream of spec.deps) {
    if (before.get(upstream)?.prospect === 'blocked') {
      return { upstream, text: `${upstream} would not run` }
    }
  }
  const [missing] = missingUpstreams(spec, states, warehouse).filter((upstream) => !before.has(upstream))
  if (missing !== undefined) {
    const external = planningKind(input.specOf(missing)).external(input.specOf(missing))
    const text = external
      ? `${missing} was never reported by those who fill it`
      : `${missing} was never materialised in this warehouse and is not selected`
    return { upstream: missing, text }
  }
  const [failed] = blockedBy(guardsOf(spec), states).filter(({ upstream }) => !before.has(upstream))
  if (failed === undefined) return null
  const { upstream, checks } = failed
  return {
    upstream,
    text: `${upstream} has failed ${checks.length === 1 ? 'its check' : 'its checks'} ${checks.join(', ')}`,
  }
}

function reasonOf(reason: StaleReason, owed: PreviewAsset['owed'], spec: AssetSpec): PreviewReason {
  const upstream = 'upstream' in reason ? reason.upstream : null
  const retries = owed !== null && reason.type === 'upstream_changed' && spec.kind === 'sync' && upstream === spec.from
  return { type: reason.type, upstream, text: retries ? owedText(owed) : explainReason(reason) }
}

function owedText({ rejected, unfinished }: NonNullable<PreviewAsset['owed']>): string {
  if (rejected === 0) return unfinished ? 'its last run did not finish' : 'rows wait to be sent'
  return `${rejected} rejected ${rejected === 1 ? 'row waits' : 'rows wait'} to be sent again`
}

function readOf(
  { states, made }: PreviewInput,
  reader: AssetKey,
  asset: AssetKey,
  before: ReadonlyMap<AssetKey, PreviewAsset>,
): PreviewRead {
  const latest = states[asset]?.latest ?? null
  const readBefore = states[reader]?.latest?.upstream[asset] ?? null
  const maker = made.get(asset)
  const runsFirst = before.has(asset) && before.get(asset)?.prospect !== 'blocked'
  return {
    asset,
    revision: maker?.revision ?? null,
    run: maker?.run ?? null,
    materializedAt: maker?.at ?? null,
    dataVersion: latest?.dataVersion ?? null,
    readBefore,
    state: runsFirst
      ? 'may_change'
      : latest === null
        ? 'missing'
        : latest.dataVersion === readBefore
          ? 'same'
          : 'changed',
  }
}

function countsOf(assets: readonly PreviewAsset[], fresh: number): PreviewCounts {
  const having = (prospect: Prospect): number => assets.filter((asset) => asset.prospect === prospect).length
  return { certain: having('certain'), possible: having('possible'), blocked: having('blocked'), fresh }
}
