import type {
  AssetKey,
  AssetSpec,
  AutomationCondition,
  AutomationFacts,
  AutomationMemory,
} from '../../contract/index.ts'
import type { Graph } from '../../graph/index.ts'

/** One condition, judged for one subject. */
export interface Judged {
  readonly condition: string
  readonly holds: boolean
  readonly reason: string
  /** What happened, of the parts that made it hold: an asset is not started twice for the same. */
  readonly causes: readonly string[]
  /** Something happened, though it may not hold for other reasons. */
  readonly stirred: boolean
  /** Milliseconds: until then it changes by events alone. */
  readonly nextAt: number | null
  readonly subject: AssetKey
  readonly of?: readonly Judged[]
  readonly more?: number
}

/** What conditions are judged by. */
export interface View {
  readonly graph: Graph<AssetSpec>
  readonly facts: Readonly<Record<AssetKey, AutomationFacts>>
  readonly now: number
  /** By which windows of partitions end: the project's clock, where it has one. */
  readonly clock: number
  /** By cron: its latest time. */
  readonly ticks: Readonly<Record<string, string>>
  /** Assets that are started in this very evaluation, and for what. */
  readonly starting: ReadonlyMap<AssetKey, string>
  /** The asset whose condition it is, and what that remembers; `first` where it is looked at for the first time. */
  readonly owner: AssetKey
  readonly memory: AutomationMemory
  readonly first: boolean
  judge(condition: AutomationCondition, subject: AssetKey): Judged
}

type Leaf = Pick<Judged, 'holds' | 'reason'> & { readonly cause?: string; readonly nextAt?: number }

/** A condition without others in it. What is its cause counts while it holds. */
export function leaf(condition: string, subject: AssetKey, { holds, reason, cause, nextAt }: Leaf): Judged {
  const causes = holds && cause !== undefined ? [cause] : []
  return { condition, subject, holds, reason, causes, stirred: causes.length > 0, nextAt: nextAt ?? null }
}

/** How a subject is spoken of in the reasons of an asset's condition. */
export function it(view: View, subject: AssetKey): string {
  return subject === view.owner ? 'it' : subject
}

export function its(view: View, subject: AssetKey): string {
  return subject === view.owner ? 'its' : `${subject}’s`
}

export function factsOf(view: View, subject: AssetKey): AutomationFacts {
  return view.facts[subject] ?? nothingKnown(subject)
}

function nothingKnown(key: AssetKey): AutomationFacts {
  return {
    state: { key, latest: null, lastAttempt: 'none' },
    materialized: null,
    changedAt: null,
    run: null,
    checks: {},
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

export function earliest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((instant) => instant !== null)
  return known.length === 0 ? null : Math.min(...known)
}
