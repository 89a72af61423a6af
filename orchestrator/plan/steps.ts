import { stepWorkflows } from '../contract/index.ts'
import type { AssetKey, AssetSpec, PlannedAsset, PlanStep } from '../contract/index.ts'
import { planningKind } from './kinds.ts'

/** An asset to run; `planned.deps` are those of its deps that run too. */
export interface Member {
  readonly spec: AssetSpec
  readonly planned: PlannedAsset
  /** How long it took the last time; null if that is not known. */
  readonly lastMs: number | null
  /** Of which its step needs a slot. */
  readonly pools?: readonly string[]
}

/** Below this a step is not worth a task of its own in Temporal, which costs some milliseconds. */
const quickMs = 1_000

/**
 * Cuts what is to run into steps, in an order in which they may run one after another.
 *
 * An asset that goes alone is a step. Those that can share one (the models of a dbt project) are gathered by list
 * scheduling: first everything that goes alone and has its inputs, then as many of one project as can go together,
 * and so on. No path can then leave a group and come back to it, and for one project no partition has fewer
 * groups: a group begins only where a path has left the project since the last. With several projects that feed each
 * other, one that can be finished now goes before one that cannot.
 *
 * What has a check that blocks ends its group for its readers: dbt would build them before the check was evaluated.
 */
export function cutIntoSteps(members: readonly Member[]): PlanStep[] {
  const queue = new ReadyQueue(members)
  const steps: PlanStep[] = []
  const stepOf = new Map<AssetKey, string>()
  const groups = new Map<string, string[]>()

  const emit = (id: string, group: readonly Member[], previous: readonly string[]): void => {
    const after = new Set<string>(previous)
    for (const { planned } of group) for (const dep of planned.deps) after.add(stepOf.get(dep) ?? id)
    after.delete(id)
    for (const { spec } of group) stepOf.set(spec.key, id)
    const [first] = group
    if (first)
      steps.push({
        id,
        workflow: stepWorkflows[first.spec.kind],
        assets: group.map((member) => member.planned),
        after: [...after],
        ...(group.every(isQuick) && { quick: true as const }),
        ...poolsOf(group),
        ...retryOf(group),
      })
  }

  for (;;) {
    for (let single = queue.takeAlone(); single; single = queue.takeAlone()) emit(single.spec.key, [single], [])
    const batch = queue.nextBatch()
    if (batch === null) return steps
    const earlier = groups.get(batch) ?? []
    const id = earlier.length === 0 ? batch : `${batch}/${earlier.length + 1}`
    groups.set(batch, [...earlier, id])
    // One invocation of a project at a time: they share a target folder.
    emit(id, queue.takeBatch(batch), earlier.slice(-1))
  }
}

/** What waits between its attempts shall not keep a worker from its workflow's task. */
function isQuick({ spec, lastMs }: Member): boolean {
  return planningKind(spec).maybeQuick && spec.retry === undefined && lastMs !== null && lastMs < quickMs
}

function poolsOf(group: readonly Member[]): Pick<PlanStep, 'pools'> {
  const pools = [...new Set(group.flatMap((member) => member.pools ?? []))].sort()
  return pools.length === 0 ? {} : { pools }
}

/** Of several the one that tries most often. */
function retryOf(group: readonly Member[]): Pick<PlanStep, 'retry'> {
  const asked = group.flatMap(({ spec }) => spec.retry ?? [])
  if (asked.length === 0) return {}
  return { retry: asked.reduce((most, retry) => (retry.attempts > most.attempts ? retry : most)) }
}

/** What has all its inputs, in the order given, as members are taken from it. */
class ReadyQueue {
  readonly #members: readonly Member[]
  readonly #waitsFor: number[]
  readonly #readers: number[][]
  readonly #alone: number[] = []
  readonly #batches = new Map<string, { ready: number[]; left: number }>()
  #nextAlone = 0

  constructor(members: readonly Member[]) {
    this.#members = members
    const indexOf = new Map(members.map(({ spec }, index) => [spec.key, index]))
    this.#waitsFor = members.map(({ planned }) => planned.deps.length)
    this.#readers = members.map(() => [])
    members.forEach(({ spec, planned }, index) => {
      for (const dep of planned.deps) this.#readers[indexOf.get(dep)!]!.push(index)
      const batch = planningKind(spec).batch(spec)
      if (batch !== null) {
        const entry = this.#batches.get(batch) ?? { ready: [], left: 0 }
        entry.left += 1
        this.#batches.set(batch, entry)
      }
    })
    this.#waitsFor.forEach((count, index) => count === 0 && this.#ready(index))
  }

  takeAlone(): Member | null {
    const index = this.#alone[this.#nextAlone]
    if (index === undefined) return null
    this.#nextAlone += 1
    this.#release(index)
    return this.#members[index]!
  }

  nextBatch(): string | null {
    const candidates = [...this.#batches].filter(([, { ready }]) => ready.length > 0)
    if (candidates.length <= 1) return candidates[0]?.[0] ?? null
    const finishable = candidates.find(([batch, { left }]) => this.#reachable(batch).length === left)
    const first = candidates.reduce((a, b) => (earliest(a[1].ready) <= earliest(b[1].ready) ? a : b))
    return (finishable ?? first)[0]
  }

  takeBatch(batch: string): Member[] {
    const entry = this.#batches.get(batch)!
    const taken = entry.ready
    // Grows while it is walked: what is released joins its own batch's list.
    for (const index of taken) if (!this.#endsGroup(index)) this.#release(index)
    entry.ready = []
    entry.left -= taken.length
    for (const index of taken) if (this.#endsGroup(index)) this.#release(index)
    return taken.sort((a, b) => a - b).map((index) => this.#members[index]!)
  }

  /** What `takeBatch` would take. */
  #reachable(batch: string): number[] {
    const reached = [...(this.#batches.get(batch)?.ready ?? [])]
    const waits = new Map<number, number>()
    for (const index of reached) {
      if (this.#endsGroup(index)) continue
      for (const reader of this.#readers[index]!) {
        const left = (waits.get(reader) ?? this.#waitsFor[reader]!) - 1
        waits.set(reader, left)
        if (left === 0 && this.#batchOf(reader) === batch) reached.push(reader)
      }
    }
    return reached
  }

  #release(index: number): void {
    for (const reader of this.#readers[index]!) {
      this.#waitsFor[reader]! -= 1
      if (this.#waitsFor[reader] === 0) this.#ready(reader)
    }
  }

  #ready(index: number): void {
    const batch = this.#batchOf(index)
    if (batch === null) this.#alone.push(index)
    else this.#batches.get(batch)!.ready.push(index)
  }

  #endsGroup(index: number): boolean {
    return this.#members[index]!.spec.checks?.some(({ blocking }) => blocking) === true
  }

  #batchOf(index: number): string | null {
    const { spec } = this.#members[index]!
    return planningKind(spec).batch(spec)
  }
}

function earliest(indexes: readonly number[]): number {
  return indexes.reduce((least, index) => Math.min(least, index), Infinity)
}
