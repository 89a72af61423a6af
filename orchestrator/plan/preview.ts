import { plannedId } from '../contract/index.ts'
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
import { createEstimator, type DurationHistory, type StepTime } from './estimate.ts'
import { explainReason } from './explain.ts'
import {
  neverMade,
  partitionObstacle,
  previewPartitions,
  shownSteps,
  type Before,
  type JudgedPartition,
  type PartitionsToPreview,
} from './partitions/preview-partitions.ts'
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
  /** Syncs that runs leave out, with the reason. */
  readonly paused?: ReadonlyMap<AssetKey, string | null>
  /** Of assets with partitions; needed where the plan has any. */
  readonly partitions?: PartitionsToPreview
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
  const { assets, before } = judgeAll(input)
  const estimateOf = createEstimator(states, input.history)
  const timed = plan.steps.map((step) => {
    const prospects = step.assets.map((planned) => before.get(plannedId(planned))!)
    return { ...step, prospects, time: estimateOf(step) }
  })
  const runs = timed.filter(({ prospects }) => prospects.some((prospect) => prospect !== 'blocked'))
  const certain = runs.filter(({ prospects }) => prospects.includes('certain'))
  const tasks = (of: typeof timed) => of.map(({ id, after, time }) => ({ id, after, ms: time.ms ?? 0 }))
  const most = schedule(tasks(runs), concurrency)
  const times = new Map(timed.map(({ id, time }) => [id, time]))
  const shown = shownSteps(plan.steps)
  const shownAs = new Map(shown.flatMap(({ step, parts }) => parts.map(({ id }) => [id, step.id])))
  const freshWhole = (plan.freshPartitions ?? []).map(({ key }) => key).filter((key) => !assets.has(key))
  const fresh = [...plan.fresh, ...freshWhole]
  return {
    concurrency,
    steps: shown.map(({ step: { id, workflow, after, assets: members }, parts }) => ({
      id,
      workflow,
      after,
      estimate: {
        ...sumOf(parts.map((part) => times.get(part.id)!)),
        startMs: Math.min(...parts.map((part) => most.startMs.get(part.id) ?? 0)),
      },
      assets: [...new Set(members.map(({ key }) => key))].map((key) => assets.get(key)!),
    })),
    fresh,
    counts: countsOf([...assets.values()], fresh.length),
    estimate: {
      mostMs: most.endMs,
      leastMs: schedule(tasks(certain), concurrency).endMs,
      unknownSteps: runs.filter(({ time }) => time.ms === null).length,
      criticalPath: [...new Set(most.criticalPath.map((id) => shownAs.get(id)!))],
    },
  }
}

/** Each planned asset, and whether it runs; partitions one by one, and then as their asset. */
function judgeAll(input: PreviewInput): {
  readonly assets: ReadonlyMap<AssetKey, PreviewAsset>
  readonly before: Before
} {
  const assets = new Map<AssetKey, PreviewAsset>()
  const before = new Map<string, Prospect>()
  for (const { parts } of shownSteps(input.plan.steps)) {
    const judged: JudgedPartition[] = []
    for (const planned of parts.flatMap((part) => part.assets)) {
      if (planned.partition === undefined) {
        const asset = previewAsset(input, planned, assets)
        assets.set(planned.key, asset)
        before.set(planned.key, asset.prospect)
        continue
      }
      const blocked = partitionObstacle(input, input.specOf(planned.key), planned, before)
      const prospect = blocked !== null ? 'blocked' : prospectOf(planned)
      before.set(plannedId(planned), prospect)
      judged.push({ planned, prospect, blocked })
    }
    const [first] = judged
    if (first !== undefined) assets.set(first.planned.key, previewCut(input, first.planned.key, judged, assets))
  }
  return { assets, before }
}

function prospectOf({ reasons }: PlannedAsset): Prospect {
  return reasons.some(({ type }) => type !== 'upstream_may_change') ? 'certain' : 'possible'
}

/** An asset of which partitions would be made. What each has read is told by its reasons. */
function previewCut(
  input: PreviewInput,
  key: AssetKey,
  judged: readonly JudgedPartition[],
  before: ReadonlyMap<AssetKey, PreviewAsset>,
): PreviewAsset {
  const spec = input.specOf(key)
  const { known } = input.partitions!
  const changed = new Map<AssetKey, string | null>()
  for (const { planned } of judged) {
    for (const reason of planned.reasons) {
      if (reason.type !== 'upstream_changed') continue
      changed.set(reason.upstream, known(key)?.get(planned.partition!)?.latest?.upstream[reason.upstream] ?? null)
    }
  }
  const whole = spec.deps.filter((dep) => input.specOf(dep).partitions === undefined)
  const reads = whole.map((dep): PreviewRead => {
    const read = readOf(input, key, dep, before)
    if (read.state === 'may_change' || read.state === 'missing') return { ...read, readBefore: null }
    return changed.has(dep)
      ? { ...read, readBefore: changed.get(dep) ?? null, state: 'changed' }
      : { ...read, readBefore: read.dataVersion, state: 'same' }
  })
  return {
    ...{ key, kind: spec.kind, reads, code: input.codeChanges.get(key) ?? null, owed: null },
    ...previewPartitions(input, key, judged),
  }
}

/** Of steps that are shown as one. */
function sumOf(times: readonly StepTime[]): StepTime {
  const known = times.filter(({ ms }) => ms !== null)
  if (known.length === 0) return { ms: null, from: 'nothing' }
  const from = known.every((time) => time.from === 'history') ? 'history' : 'kind'
  return { ms: known.reduce((sum, { ms }) => sum + ms!, 0), from }
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
  return {
    key,
    kind: spec.kind,
    prospect: blocked !== null ? 'blocked' : prospectOf(planned),
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
  const pause = input.paused?.get(spec.key)
  if (pause !== undefined) return { upstream: spec.key, text: `it is paused${pause === null ? '' : `: ${pause}`}` }
  for (const upstream of spec.deps) {
    if (before.get(upstream)?.prospect === 'blocked') {
      return { upstream, text: `${upstream} would not run` }
    }
  }
  const [missing] = missingUpstreams(spec, states, warehouse).filter((upstream) => !before.has(upstream))
  if (missing !== undefined) return neverMade(missing, input.specOf)
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
