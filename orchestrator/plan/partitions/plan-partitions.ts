import {
  nameOf,
  plannedId,
  stepWorkflows,
  type AssetKey,
  type AssetSpec,
  type PlannedAsset,
  type PlanStep,
  type RunPlan,
  type StaleReason,
} from '../../contract/index.ts'
import { numbersIn, type PartitionSet } from '../../graph/index.ts'
import { judge, neverMaterialized, upstreamVersions } from '../judge.ts'
import { planningKind } from '../kinds.ts'
import { mayChange, type PlanRunInput } from '../plan-run.ts'
import { cutIntoSteps, type Member } from '../steps.ts'
import { partitionInputs, partitionsRead, type KnownPartitions, type Partitionings } from './facts.ts'

export interface PlanPartitionsInput extends PlanRunInput {
  readonly partitionings: Partitionings
  /** Of each target that has partitions, those that the run is about. */
  readonly selected: ReadonlyMap<AssetKey, PartitionSet>
  /** Of the selected partitions and of those that they read. */
  readonly known: KnownPartitions
}

/**
 * As `planRun`, where targets have partitions: each selected partition is judged by itself, against the partitions that
 * it reads, and waits for those of them that run. Partitions of an asset share steps where that is faster.
 */
export function planPartitions(input: PlanPartitionsInput): RunPlan {
  const { assets, states, targets, force, warehouse, moved, pools } = input
  const targeted = new Set(targets)
  const running = new RunningPartitions(input)
  const members: Member[] = []
  const fresh: AssetKey[] = []
  const freshPartitions: { key: AssetKey; partitions: string[] }[] = []
  for (const spec of assets) {
    if (!targeted.has(spec.key) || planningKind(spec).external(spec)) continue
    const poolsOf = pools?.(spec) ?? []
    if (spec.partitions !== undefined) {
      const { planned, fresh: same } = running.judge(spec)
      if (same.length > 0) freshPartitions.push({ key: spec.key, partitions: same })
      if (planned.length === 0) continue
      // One member for all of them: it is cut into steps once the order is known.
      const deps = spec.deps.filter((dep) => running.has(dep))
      running.add(spec.key, planned)
      members.push({ spec, planned: { key: spec.key, reasons: [], deps }, lastMs: null, pools: poolsOf })
      continue
    }
    const state = states[spec.key] ?? neverMaterialized(spec.key)
    const options = { warehouse, force, moved: moved?.has(spec.key) === true }
    const judged = judge(spec, state, upstreamVersions(spec, states), options)
    const deps = spec.deps.filter((dep) => running.has(dep))
    const reasons = [...judged, ...mayChange(judged, deps)]
    if (reasons.length === 0) {
      fresh.push(spec.key)
      continue
    }
    running.add(spec.key, null)
    members.push({
      spec,
      planned: { key: spec.key, reasons, deps },
      lastMs: state.latest?.durationMs ?? null,
      pools: poolsOf,
    })
  }
  const steps = new Expansion(input, running).expand(cutIntoSteps(members))
  return { steps, fresh, ...(freshPartitions.length > 0 && { freshPartitions }) }
}

/** What of the plan runs: assets as a whole, or partitions of them. */
class RunningPartitions {
  readonly #input: PlanPartitionsInput
  readonly #running = new Map<AssetKey, readonly PlannedAsset[] | null>()
  readonly #keys = new Map<AssetKey, ReadonlySet<string>>()

  constructor(input: PlanPartitionsInput) {
    this.#input = input
  }

  has(key: AssetKey): boolean {
    return this.#running.has(key)
  }

  /** Null for an asset as a whole. */
  partitionsOf(key: AssetKey): readonly PlannedAsset[] | null {
    return this.#running.get(key) ?? null
  }

  add(key: AssetKey, partitions: readonly PlannedAsset[] | null): void {
    this.#running.set(key, partitions)
    if (partitions) this.#keys.set(key, new Set(partitions.map(({ partition }) => partition as string)))
  }

  /** Ids of all that runs of an asset. */
  idsOf(key: AssetKey): AssetKey[] {
    const partitions = this.partitionsOf(key)
    return partitions === null ? [key] : partitions.map(plannedId)
  }

  judge(spec: AssetSpec): { planned: PlannedAsset[]; fresh: string[] } {
    const { partitionings, selected, known, states, warehouse, force } = this.#input
    const partitioning = partitionings(spec.key)
    const planned: PlannedAsset[] = []
    const fresh: string[] = []
    if (partitioning === null) return { planned, fresh }
    for (const n of numbersIn(selected.get(spec.key) ?? [])) {
      const partition = partitioning.keyOf(n)
      const read = partitionsRead(spec, n, partitionings)
      const { versions } = partitionInputs(spec, read, states, known, partitionings, null)
      const state = known(spec.key)?.get(partition) ?? neverMaterialized(spec.key)
      const judged = judge(spec, state, versions, { warehouse, force })
      const deps = spec.deps.flatMap((dep): AssetKey[] => {
        if (!this.has(dep)) return []
        const keys = this.#keys.get(dep)
        const upstream = partitionings(dep)
        if (keys === undefined || upstream === null) return [dep]
        return [...numbersIn(read.get(dep)?.set ?? [])]
          .map((m) => upstream.keyOf(m))
          .filter((key) => keys.has(key))
          .map((key) => plannedId({ key: dep, partition: key }))
      })
      const changing = [...new Set(deps.map((id) => id.split('@')[0] as AssetKey))]
      const reasons: StaleReason[] = [...judged, ...mayChange(judged, changing)]
      if (reasons.length === 0) fresh.push(partition)
      else planned.push({ key: spec.key, partition, reasons, deps })
    }
    return { planned, fresh }
  }
}

/** Steps that go on in parallel, so that a worker is kept busy: a few partitions are not one step. */
const leastSteps = 8
const mostPartitions = 50

/** Puts in the place of each asset with partitions the steps that make them. */
class Expansion {
  readonly #running: RunningPartitions
  readonly #specs: ReadonlyMap<AssetKey, AssetSpec>
  readonly #stepOf = new Map<AssetKey, string>()
  /** The steps that a step became. */
  readonly #became = new Map<string, readonly string[]>()

  constructor({ assets }: PlanPartitionsInput, running: RunningPartitions) {
    this.#running = running
    this.#specs = new Map(assets.map((spec) => [spec.key, spec]))
  }

  expand(steps: readonly PlanStep[]): PlanStep[] {
    const lastOf = new Map<string, string>()
    return steps.flatMap((step) => {
      const [first] = step.assets
      const partitions = first === undefined ? null : this.#running.partitionsOf(first.key)
      const expanded = partitions === null ? [this.#whole(step)] : this.#cut(step, partitions)
      for (const [at, { id, after }] of expanded.entries()) {
        // One invocation of a dbt project at a time, whatever it builds.
        const [, project] = /^(dbt\/[^/]+)/.exec(id) ?? []
        if (project === undefined) continue
        const last = lastOf.get(project)
        if (last !== undefined && !after.includes(last)) expanded[at] = { ...expanded[at]!, after: [...after, last] }
        lastOf.set(project, id)
      }
      this.#became.set(
        step.id,
        expanded.map(({ id }) => id),
      )
      for (const { id, assets } of expanded) for (const asset of assets) this.#stepOf.set(plannedId(asset), id)
      return expanded
    })
  }

  #whole(step: PlanStep): PlanStep {
    return {
      ...step,
      after: step.after.flatMap((id) => this.#became.get(id) ?? [id]),
      assets: step.assets.map((asset) => ({ ...asset, deps: asset.deps.flatMap((dep) => this.#running.idsOf(dep)) })),
    }
  }

  #cut(step: PlanStep, partitions: readonly PlannedAsset[]): PlanStep[] {
    const spec = this.#specs.get(step.assets[0]!.key)!
    const most = planningKind(spec).partitionsAtOnce
    const size = Math.min(most, mostPartitions, Math.ceil(partitions.length / leastSteps))
    const steps: PlanStep[] = []
    for (let at = 0; at < partitions.length; at += size) {
      const assets = partitions.slice(at, at + size)
      const after = new Set(assets.flatMap(({ deps }) => deps.map((dep) => this.#stepOf.get(dep)!)))
      const { quick: _, ...rest } = step
      steps.push({
        ...rest,
        id: idOf(spec, assets),
        workflow: stepWorkflows[spec.kind],
        assets,
        after: [...after],
      })
    }
    return steps
  }
}

/** `trait/visits/2026-11-24`, and of several the first and the last; a model's is of its dbt project. */
function idOf(spec: AssetSpec, assets: readonly PlannedAsset[]): string {
  const { key } = spec
  const [first, last] = [assets[0]!.partition!, assets.at(-1)!.partition!]
  if (spec.kind === 'model') return `dbt/${spec.dbtProject}/${nameOf(key)}@${first}`
  return first === last ? `${key}/${first}` : `${key}/${first}..${last}`
}
