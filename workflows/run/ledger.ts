import type {
  AssetKey,
  AssetOutcome,
  OutcomeCounts,
  PlannedAsset,
  PlanStep,
} from '../../orchestrator/contract/index.ts'
import { plannedId } from '../../orchestrator/contract/index.ts'

/** The asset at which it began, and what happened there. */
export interface Root {
  readonly upstream: AssetKey
  readonly reason: string
}

/** A ledger on its way into the next execution of a run's workflow. Positions count from 0 in the plan's order. */
export interface CarriedLedger {
  /** One hexadecimal digit for four steps, the first step in its highest bit; set where a step has ended. */
  readonly ended: string
  readonly roots: readonly Root[]
  /** Position of an asset that did not make it, and of its root in `roots`. */
  readonly broken: readonly (readonly [asset: number, root: number])[]
  readonly counts: OutcomeCounts
  /** Whether a blocking check failed, on any asset. */
  readonly failedChecks: boolean
}

export const noCounts: OutcomeCounts = { materialized: 0, fresh: 0, failed: 0, upstream_failed: 0, cancelled: 0 }

/** Carried reasons are short, so that 10,000 different ones stay below Temporal's 2 MB. */
const carriedReasonLength = 80

/**
 * Which steps of a plan may start, which ended, and which assets are not to be tried since something upstream of them
 * did not make it. Pages of the plan are added as they are read; a step's `after` are always on its own page or before.
 */
export class RunLedger {
  readonly #steps: PlanStep[] = []
  readonly #position = new Map<string, number>()
  readonly #open: number[] = []
  readonly #followers: number[][] = []
  readonly #ended: boolean[] = []
  readonly #ready: number[] = []
  readonly #broken = new Map<AssetKey, Root>()
  readonly #carried: CarriedLedger | null
  readonly #carriedRoots: ReadonlyMap<number, Root>
  readonly #counts: Record<AssetOutcome['status'], number>
  #assets = 0
  #endedSteps = 0
  #failedChecks: boolean

  constructor(carried: CarriedLedger | null) {
    this.#carried = carried
    this.#carriedRoots = new Map(carried?.broken.map(([asset, root]) => [asset, carried.roots[root] as Root]))
    this.#counts = { ...(carried?.counts ?? noCounts) }
    this.#failedChecks = carried?.failedChecks ?? false
  }

  get steps(): number {
    return this.#steps.length
  }

  get endedSteps(): number {
    return this.#endedSteps
  }

  get counts(): OutcomeCounts {
    return { ...this.#counts }
  }

  get failedChecks(): boolean {
    return this.#failedChecks
  }

  get hasReady(): boolean {
    return this.#ready.length > 0
  }

  count(status: AssetOutcome['status'], assets: number): void {
    this.#counts[status] += assets
  }

  /** The next page of the plan. */
  add(steps: readonly PlanStep[]): void {
    for (const step of steps) {
      const position = this.#steps.push(step) - 1
      this.#position.set(step.id, position)
      this.#followers.push([])
      for (const asset of step.assets) {
        const root = this.#carriedRoots.get(this.#assets++)
        if (root !== undefined) this.#broken.set(plannedId(asset), root)
      }
      const ended = bitAt(this.#carried?.ended ?? '', position)
      this.#ended.push(ended)
      if (ended) {
        this.#endedSteps++
        this.#open.push(0)
        continue
      }
      const before = step.after.map((id) => this.#position.get(id)).filter((at) => at !== undefined)
      const waiting = before.filter((at) => !this.#ended[at])
      this.#open.push(waiting.length)
      for (const at of waiting) this.#followers[at]?.push(position)
      if (waiting.length === 0) this.#ready.push(position)
    }
  }

  /**
   * The next step that may start, with only the assets that are worth trying; `step` is null where there are none,
   * and the step has ended then. Null if nothing may start now.
   */
  take(): { readonly step: PlanStep | null; readonly blocked: readonly AssetOutcome[] } | null {
    const position = this.#ready.shift()
    if (position === undefined) return null
    const step = this.#steps[position] as PlanStep
    const blocked: AssetOutcome[] = []
    const assets: PlannedAsset[] = []
    for (const asset of step.assets) {
      const root = asset.deps.map((dep) => this.#broken.get(dep)).find((found) => found !== undefined)
      if (root === undefined) assets.push(asset)
      else {
        this.#broken.set(plannedId(asset), root)
        blocked.push({ ...nameOf(asset), status: 'upstream_failed', ...root })
      }
    }
    this.#counts.upstream_failed += blocked.length
    if (assets.length > 0) return { step: { ...step, assets }, blocked }
    this.#close(position)
    return { step: null, blocked }
  }

  end(step: PlanStep, outcomes: readonly AssetOutcome[]): void {
    for (const outcome of outcomes) {
      this.#counts[outcome.status]++
      if (outcome.status === 'materialized' && outcome.failedChecks.length > 0) this.#failedChecks = true
      const root = rootOf(outcome)
      if (root !== null) this.#broken.set(outcomeId(outcome), root)
    }
    this.#close(this.#position.get(step.id) as number)
  }

  /** Assets, or partitions of them, of the steps that have not ended. */
  remaining(): OutcomeName[] {
    return this.#steps.flatMap((step, at) => (this.#ended[at] ? [] : step.assets.map(nameOf)))
  }

  carry(): CarriedLedger {
    const roots = new Map<string, number>()
    const list: Root[] = []
    const broken: [number, number][] = []
    let position = 0
    for (const step of this.#steps) {
      for (const asset of step.assets) {
        const root = this.#broken.get(plannedId(asset))
        const at = position++
        if (root === undefined) continue
        const short = { upstream: root.upstream, reason: root.reason.slice(0, carriedReasonLength) }
        const id = `${short.upstream} ${short.reason}`
        if (!roots.has(id)) roots.set(id, list.push(short) - 1)
        broken.push([at, roots.get(id) as number])
      }
    }
    return { ended: toHex(this.#ended), roots: list, broken, counts: this.counts, failedChecks: this.#failedChecks }
  }

  #close(position: number): void {
    this.#ended[position] = true
    this.#endedSteps++
    for (const follower of this.#followers[position] ?? []) {
      const open = (this.#open[follower] as number) - 1
      this.#open[follower] = open
      if (open === 0) this.#ready.push(follower)
    }
  }
}

/** What an outcome is about. */
export interface OutcomeName {
  readonly asset: AssetKey
  readonly partition?: string
}

function nameOf({ key, partition }: PlannedAsset): OutcomeName {
  return partition === undefined ? { asset: key } : { asset: key, partition }
}

function outcomeId({ asset, partition }: OutcomeName): AssetKey {
  return partition === undefined ? asset : plannedId({ key: asset, partition })
}

/** Why nothing downstream of this outcome should run; null if it may. */
function rootOf(outcome: AssetOutcome): Root | null {
  switch (outcome.status) {
    case 'fresh':
      return null
    case 'materialized':
      if (outcome.failedChecks.length === 0) return null
      return { upstream: outcomeId(outcome), reason: `failed its ${words(outcome.failedChecks)}` }
    case 'failed':
      return { upstream: outcomeId(outcome), reason: outcome.failure.message }
    case 'upstream_failed':
      return { upstream: outcome.upstream, reason: outcome.reason }
    case 'cancelled':
      return { upstream: outcomeId(outcome), reason: 'was cancelled' }
  }
}

function words(checks: readonly string[]): string {
  const named = checks.slice(0, 3).join(', ')
  if (checks.length === 1) return `check ${named}`
  return checks.length <= 3 ? `checks ${named}` : `checks ${named} and ${checks.length - 3} more`
}

function toHex(bits: readonly boolean[]): string {
  let text = ''
  for (let at = 0; at < bits.length; at += 4) {
    text += [0, 1, 2, 3].reduce((digit, offset) => digit * 2 + (bits[at + offset] ? 1 : 0), 0).toString(16)
  }
  return text
}

function bitAt(hex: string, position: number): boolean {
  const digit = Number.parseInt(hex[position >> 2] ?? '0', 16)
  return ((digit >> (3 - (position & 3))) & 1) === 1
}
