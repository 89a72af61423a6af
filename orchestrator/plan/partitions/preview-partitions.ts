import {
  plannedId,
  type AssetKey,
  type AssetSpec,
  type PlannedAsset,
  type PlanStep,
  type PreviewAsset,
  type PreviewPartitionRanges,
  type PreviewPartitions,
  type PreviewReason,
  type Prospect,
} from '../../contract/index.ts'
import { numbersIn, setOf, sizeOf, type Partitioning, type PartitionSet } from '../../graph/index.ts'
import { explainReason } from '../explain.ts'
import { planningKind } from '../kinds.ts'
import type { PreviewInput } from '../preview.ts'
import { blockedBy, guardsOf, isThere } from '../upstreams.ts'
import { partitionsRead } from './facts.ts'
import type { Partitionings } from './facts.ts'
import type { PlannedPartitions } from './plan-selected.ts'

/** Of assets with partitions, what a preview is made of beside the plan. */
export interface PartitionsToPreview extends Pick<PlannedPartitions, 'selected' | 'known'> {
  readonly partitionings: Partitionings
  /** Over all partitions of an asset: never made; failed; with a failed blocking check. */
  readonly totals: ReadonlyMap<AssetKey, Pick<PreviewPartitions, 'failed' | 'failing'> & { readonly made: number }>
}

/** Most ranges that are named of anything. */
const mostRanges = 20

type Obstacle = NonNullable<PreviewAsset['blocked']>

/** Whether what was planned before runs, by its id in the plan. */
export type Before = ReadonlyMap<string, Prospect>

/** What would keep one partition from being made. Nothing that runs before it does. */
export function partitionObstacle(
  { states, warehouse, specOf, partitions }: PreviewInput,
  spec: AssetSpec,
  { partition }: PlannedAsset,
  before: Before,
): Obstacle | null {
  const { partitionings, known } = partitions!
  const n = partitionings(spec.key)!.numberOf(partition!)
  const read = partitionsRead(spec, n, partitionings)
  const guards = new Map(guardsOf(spec).map((guard) => [guard.upstream, guard]))
  for (const upstream of spec.deps) {
    const mapped = read.get(upstream)
    const of = partitionings(upstream)
    if (mapped === undefined || of === null) {
      const found = before.get(upstream)
      if (found === 'blocked') return { upstream, text: `${upstream} would not run` }
      if (found !== undefined) continue
      if (!isThere(states[upstream]?.latest, warehouse)) return neverMade(upstream, specOf)
      const [failed] = blockedBy([guards.get(upstream)!], states)
      if (failed !== undefined) return failedChecks(upstream, failed.checks)
      continue
    }
    if (mapped.lacking.length > 0) return { upstream, text: `${upstream} does not have all that it reads yet` }
    for (const m of numbersIn(mapped.set)) {
      const key = of.keyOf(m)
      const found = before.get(plannedId({ key: upstream, partition: key }))
      if (found === 'blocked') return { upstream, text: `partitions of ${upstream} that it reads would not be made` }
      if (found !== undefined) continue
      const latest = known(upstream)?.get(key)?.latest
      if (!isThere(latest, warehouse)) {
        return { upstream, text: `partitions of ${upstream} that it reads were never made and are not selected` }
      }
      if (latest.failedChecks.length > 0)
        return failedChecks(`partitions of ${upstream} that it reads`, latest.failedChecks, upstream)
    }
  }
  return null
}

/** Of what does not run before. */
export function neverMade(upstream: AssetKey, specOf: PreviewInput['specOf']): Obstacle {
  const text = planningKind(specOf(upstream)).external(specOf(upstream))
    ? `${upstream} was never reported by those who fill it`
    : `${upstream} was never materialised in this warehouse and is not selected`
  return { upstream, text }
}

function failedChecks(subject: string, checks: readonly string[], upstream = subject as AssetKey): Obstacle {
  const verb = subject === upstream ? 'has' : 'have'
  return {
    upstream,
    text: `${subject} ${verb} failed ${checks.length === 1 ? 'the check' : 'the checks'} ${checks.join(', ')}`,
  }
}

/** One partition of a plan, judged. */
export interface JudgedPartition {
  readonly planned: PlannedAsset
  readonly prospect: Prospect
  readonly blocked: Obstacle | null
}

/** All that is said of an asset's partitions, as counts and ranges however many there are. */
export function previewPartitions(
  { partitions }: PreviewInput,
  key: AssetKey,
  judged: readonly JudgedPartition[],
): Pick<PreviewAsset, 'prospect' | 'reasons' | 'blocked'> & { readonly partitions: PreviewPartitions } {
  const { partitionings, selected, totals } = partitions!
  const partitioning = partitionings(key)!
  const ranges = (of: readonly JudgedPartition[]): PreviewPartitionRanges =>
    rangesOf(setOf(of.map(({ planned }) => partitioning.numberOf(planned.partition!))), partitioning)
  const having = (prospect: Prospect): JudgedPartition[] => judged.filter((each) => each.prospect === prospect)
  const [certain, possible, blocked] = [having('certain'), having('possible'), having('blocked')]
  const runs = judged.filter(({ prospect }) => prospect !== 'blocked')
  const reasons = grouped(judged, ({ planned }) => planned.reasons.map((reason) => [explainReason(reason), reason]))
  const obstacles = grouped(blocked, ({ blocked: found }) => [[found!.text, found!]])
  const all = sizeOf(selected.get(key) ?? [])
  const total = totals.get(key)
  return {
    prospect: certain.length > 0 ? 'certain' : possible.length > 0 ? 'possible' : 'blocked',
    reasons: reasons.map(({ text, of: reason, parts }): PreviewReason => {
      const of = ranges(parts)
      const upstream = 'upstream' in reason ? reason.upstream : null
      return { type: reason.type, upstream, text: `${text}: ${rangesText(of)}`, partitions: of }
    }),
    blocked: runs.length > 0 ? null : (blocked[0]?.blocked ?? null),
    partitions: {
      total: partitioning.count,
      missing: Math.max(0, partitioning.count - (total?.made ?? 0)),
      failed: total?.failed ?? 0,
      failing: total?.failing ?? 0,
      selected: all,
      ...{ certain: certain.length, possible: possible.length, blocked: blocked.length, fresh: all - judged.length },
      runs: ranges(runs),
      obstacles: obstacles.map(({ text, of: { upstream }, parts }) => ({ upstream, text, partitions: ranges(parts) })),
    },
  }
}

interface Group<Of> {
  readonly text: string
  readonly of: Of
  readonly parts: readonly JudgedPartition[]
}

/** In the order in which they were met first. */
function grouped<Of>(
  judged: readonly JudgedPartition[],
  of: (part: JudgedPartition) => readonly (readonly [text: string, of: Of])[],
): Group<Of>[] {
  const groups = new Map<string, { text: string; of: Of; parts: JudgedPartition[] }>()
  for (const part of judged) {
    for (const [text, found] of of(part)) {
      const group = groups.get(text)
      if (group === undefined) groups.set(text, { text, of: found, parts: [part] })
      else group.parts.push(part)
    }
  }
  return [...groups.values()]
}

function rangesOf(set: PartitionSet, partitioning: Partitioning): PreviewPartitionRanges {
  return {
    count: sizeOf(set),
    ranges: set.slice(0, mostRanges).map(([from, to]) => ({
      ...{ from: partitioning.keyOf(from), to: partitioning.keyOf(to - 1), partitions: to - from },
    })),
    more: Math.max(0, set.length - mostRanges),
  }
}

/** Most ranges within a sentence. */
const mostInWords = 3

/** `12 partitions, 2026-01-01..2026-01-10, 2026-02-01 and 1 more range`. */
export function rangesText({ count, ranges, more }: PreviewPartitionRanges): string {
  const named = ranges.slice(0, mostInWords).map(({ from, to }) => (from === to ? from : `${from}..${to}`))
  const rest = more + ranges.length - named.length
  const listed = named.join(', ') + (rest === 0 ? '' : ` and ${rest} more ${rest === 1 ? 'range' : 'ranges'}`)
  return count === 1 ? `partition ${listed}` : `${count.toLocaleString('en-US')} partitions, ${listed}`
}

/** Steps as they are shown: those that make partitions of one asset are one, called like it. */
export function shownSteps(
  steps: readonly PlanStep[],
): { readonly step: PlanStep; readonly parts: readonly PlanStep[] }[] {
  const shown = new Map<string, { step: PlanStep; parts: PlanStep[] }>()
  const shownAs = new Map<string, string>()
  for (const step of steps) {
    const [first] = step.assets
    const id = first?.partition === undefined ? step.id : first.key
    shownAs.set(step.id, id)
    const group = shown.get(id)
    if (group === undefined) shown.set(id, { step: { ...step, id }, parts: [step] })
    else group.parts.push(step)
  }
  return [...shown.values()].map(({ step, parts }) => {
    const after = new Set(parts.flatMap((part) => part.after.map((id) => shownAs.get(id) ?? id)))
    after.delete(step.id)
    return { step: { ...step, after: [...after] }, parts }
  })
}
