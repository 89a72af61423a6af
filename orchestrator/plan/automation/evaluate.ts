import { createHash } from 'node:crypto'
import {
  cronName,
  cronTriggers,
  type AssetKey,
  type AssetSpec,
  type AutomationDecision,
  type AutomationFacts,
  type AutomationMemory,
  type AutomationNode,
} from '../../contract/index.ts'
import { downstreamClosure, type Graph } from '../../graph/index.ts'
import { judgeCondition } from './judge-condition.ts'
import type { Judged, View } from './judged.ts'
import { farthestReach } from './reach.ts'

export interface EvaluateInput {
  readonly graph: Graph<AssetSpec>
  /** Of the affected assets and all that their conditions look at; an asset without was never materialised. */
  readonly facts: Readonly<Record<AssetKey, AutomationFacts>>
  readonly memories: Readonly<Record<AssetKey, AutomationMemory>>
  /** By the cron's name: its latest time, and the one before this evaluation began to know of it. */
  readonly ticks: Readonly<Record<string, string>>
  readonly earlierTicks: Readonly<Record<string, string>>
  /** The end of the log that `facts` were read at. */
  readonly sequence: number
  readonly now: Date
  /** The project's clock, where it has one. */
  readonly asOf?: string | null
  /** Only these, and what is downstream of those among them that are started. */
  readonly affected: ReadonlySet<AssetKey>
}

export interface Evaluated extends AutomationDecision {
  readonly memory: AutomationMemory
}

/**
 * Judges the conditions of the affected assets, upstream first: an asset that is started draws those downstream of it
 * into the same run, if their conditions say so. Depends on nothing but what it is given.
 *
 * @example
 * evaluate({ graph, facts, memories, ticks: {}, earlierTicks: {}, sequence: 17, now, affected: affectedBy(graph, changed) })
 * // [{ asset: 'trait/ltv', outcome: 'requested', summary: 'starts: model/shop/customers changed', ... }]
 */
export function evaluate(input: EvaluateInput): Evaluated[] {
  const { graph } = input
  const reach = farthestReach(graph) ?? 0
  const wanted = new Set(input.affected)
  const starting = new Map<AssetKey, string>()
  const evaluated: Evaluated[] = []
  for (const key of graph.order) {
    const spec = graph.get(key)
    if (spec?.automation === undefined || !wanted.has(key)) continue
    const decision = decide(input, spec, starting)
    if (!isUnderWay(input, decision)) evaluated.push(decision)
    if (decision.outcome !== 'requested' || decision.cause === null) continue
    starting.set(key, decision.cause)
    for (const reader of downstreamClosure(graph, [key], reach)) wanted.add(reader)
  }
  return evaluated
}

/** Nothing new: it is in the very run that it was started in, and is judged again when that has ended with it. */
function isUnderWay({ facts, memories }: EvaluateInput, { asset, outcome, nextAt }: Evaluated): boolean {
  const known = memories[asset]
  const run = facts[asset]?.run ?? null
  return outcome !== 'requested' && run !== null && run === known?.run && known.nextAt === null && nextAt === null
}

function decide(input: EvaluateInput, spec: AssetSpec, starting: ReadonlyMap<AssetKey, string>): Evaluated {
  const { key, automation } = spec
  if (automation === undefined) throw new Error(`${key} has no condition`)
  const condition = JSON.stringify(automation)
  const known = input.memories[key]
  const first = known?.condition !== condition
  const names = cronTriggers(automation).map(cronName)
  const memory = first
    ? {
        condition,
        cause: null,
        run: null,
        sequence: input.sequence,
        ticks: pick(input.earlierTicks, names),
        nextAt: null,
      }
    : known
  const view: View = {
    ...{ graph: input.graph, facts: input.facts, now: input.now.getTime(), clock: clockOf(input), ticks: input.ticks },
    ...{ starting, owner: key, memory, first },
    judge: (part, subject) => judgeCondition(part, subject, view),
  }
  const judged = judgeCondition(automation, key, view)
  const causes = [...new Set(judged.causes)].map(hashOf).sort()
  const cause = causes.length === 0 ? null : causes.join(' ')
  // One that is gone, such as a time of a cron that was served, makes no news of those that are left.
  const isNews = causes.some((each) => memory.cause?.split(' ').includes(each) !== true)
  const nextAt = judged.nextAt === null ? null : new Date(judged.nextAt).toISOString()
  const requested = judged.holds && isNews
  return {
    asset: key,
    outcome: requested ? 'requested' : judged.stirred && !judged.holds ? 'waiting' : 'idle',
    summary: summaryOf(judged, isNews, memory),
    tree: nodeOf(judged, key),
    cause,
    nextAt,
    memory: requested
      ? { ...memory, cause, sequence: input.sequence, ticks: { ...memory.ticks, ...pick(input.ticks, names) }, nextAt }
      : { ...memory, nextAt },
  }
}

function clockOf({ asOf = null, now }: EvaluateInput): number {
  return asOf === null ? now.getTime() : Date.parse(asOf)
}

function summaryOf({ holds, stirred, reason, causes }: Judged, isNews: boolean, memory: AutomationMemory): string {
  if (!holds) return stirred ? `not yet: ${reason}` : `nothing to do: ${reason}`
  if (causes.length === 0) return `holds without a cause: ${reason}`
  if (isNews) return `starts: ${reason}`
  return `started for this already${memory.run === null ? '' : ` in run ${memory.run}`}: ${reason}`
}

function nodeOf({ condition, holds, reason, subject, of, more }: Judged, parent: AssetKey): AutomationNode {
  return {
    ...{ condition, holds, reason },
    ...(subject !== parent && { asset: subject }),
    ...(of !== undefined && { of: of.map((part) => nodeOf(part, subject)) }),
    ...(more !== undefined && { more }),
  }
}

function pick<Value>(values: Readonly<Record<string, Value>>, names: readonly string[]): Record<string, Value> {
  return Object.fromEntries(names.flatMap((name) => (name in values ? [[name, values[name] as Value]] : [])))
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
