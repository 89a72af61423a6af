import type {
  AssetKey,
  AssetSpec,
  AutomationCondition,
  AutomationFacts,
  AutomationMemory,
  AutomationNode,
} from '../../orchestrator/contract/index.ts'
import type { Automation } from '../../orchestrator/define/index.ts'
import { buildGraph, type Graph } from '../../orchestrator/graph/index.ts'
import { affectedBy, evaluate, type Evaluated } from '../../orchestrator/plan/index.ts'
import { specOf } from './world.ts'

/** A project whose assets have conditions, played over time. */
export class AutomationWorld {
  readonly facts: Record<AssetKey, AutomationFacts> = {}
  readonly memories: Record<AssetKey, AutomationMemory> = {}
  readonly decisions = new Map<AssetKey, Evaluated>()
  ticks: Record<string, string> = {}
  now = Date.parse('2026-01-01T00:00:00Z')
  #earlier: Record<string, string> | null = null
  #specs: readonly AssetSpec[]
  #sequence = 0
  #contents = 0
  #runs = 0

  constructor(deps: Readonly<Record<string, readonly string[]>>) {
    this.#specs = Object.entries(deps).map(([key, of]) => specOf(key as AssetKey, of as AssetKey[]))
    for (const { key } of this.#specs) this.facts[key] = this.#nothing(key)
  }

  get graph(): Graph<AssetSpec> {
    return buildGraph(this.#specs)
  }

  get keys(): readonly AssetKey[] {
    return this.#specs.map(({ key }) => key)
  }

  automate({ condition }: Automation, ...keys: readonly string[]): this {
    this.#specs = this.#specs.map((spec) => (keys.includes(spec.key) ? { ...spec, automation: condition } : spec))
    return this
  }

  redefine(key: AssetKey): this {
    this.#specs = this.#specs.map((spec) =>
      spec.key === key ? { ...spec, codeVersion: `${spec.codeVersion}'` } : spec,
    )
    return this
  }

  /** Made again, of what it reads now, with the same content as before. */
  materialize(key: AssetKey, failedChecks: readonly string[] = []): this {
    const known = this.facts[key]!.state.latest?.dataVersion
    return known === undefined ? this.change(key, failedChecks) : this.#made(key, known, failedChecks, false)
  }

  materializeAll(): this {
    for (const key of this.graph.order) this.materialize(key)
    return this
  }

  /** Made again, with other content. */
  change(key: AssetKey, failedChecks: readonly string[] = []): this {
    return this.#made(key, `c${++this.#contents}`, failedChecks, true)
  }

  check(key: AssetKey, name: string, passed: boolean): this {
    this.facts[key] = { ...this.facts[key]!, checks: { ...this.facts[key]!.checks, [name]: passed } }
    return this
  }

  fail(key: AssetKey): this {
    const facts = this.facts[key]!
    this.facts[key] = { ...facts, run: null, state: { ...facts.state, lastAttempt: 'failed' } }
    return this
  }

  begin(key: AssetKey, run: string): this {
    this.facts[key] = { ...this.facts[key]!, run }
    return this
  }

  end(key: AssetKey): this {
    this.facts[key] = { ...this.facts[key]!, run: null }
    return this
  }

  tick(name: string, at: string): this {
    this.#earlier ??= { ...this.ticks }
    this.ticks[name] = at
    return this
  }

  /** Evaluates all, or what is affected by these, and answers what is started. */
  evaluate(changed: readonly AssetKey[] | null = null): AssetKey[] {
    const graph = this.graph
    const evaluated = evaluate({
      graph,
      facts: this.facts,
      memories: this.memories,
      ticks: this.ticks,
      earlierTicks: this.#earlier ?? this.ticks,
      sequence: this.#sequence,
      now: new Date(this.now),
      affected: affectedBy(graph, changed ?? this.keys),
    })
    this.#earlier = null
    const started = evaluated.filter(({ outcome }) => outcome === 'requested').map(({ asset }) => asset)
    const run = started.length > 0 ? `r${++this.#runs}` : null
    for (const decision of evaluated) {
      this.decisions.set(decision.asset, decision)
      const { memory } = decision
      this.memories[decision.asset] = decision.outcome === 'requested' ? { ...memory, run } : memory
    }
    return started
  }

  /** What a condition would say of an asset now. Keeps nothing. */
  look(condition: AutomationCondition, key: AssetKey): Evaluated {
    const specs = this.#specs.map((spec) => (spec.key === key ? { ...spec, automation: condition } : spec))
    const known = this.memories[key]
    const memory = known && { ...known, condition: JSON.stringify(condition), run: null }
    const [decision] = evaluate({
      graph: buildGraph(specs.map((spec) => (spec.key === key ? spec : { ...spec, automation: undefined }))),
      facts: this.facts,
      memories: memory === undefined ? {} : { [key]: memory },
      ticks: this.ticks,
      earlierTicks: {},
      sequence: this.#sequence,
      now: new Date(this.now),
      affected: new Set([key]),
    })
    return decision!
  }

  /** What time alone may have changed. */
  due(): AssetKey[] {
    const isDue = ({ nextAt }: AutomationMemory): boolean => nextAt !== null && Date.parse(nextAt) <= this.now
    return this.keys.filter((key) => this.memories[key] !== undefined && isDue(this.memories[key]))
  }

  summaryOf(key: AssetKey): string | undefined {
    return this.decisions.get(key)?.summary
  }

  #made(key: AssetKey, dataVersion: string, failedChecks: readonly string[], changed: boolean): this {
    const spec = this.#specs.find((candidate) => candidate.key === key)!
    const facts = this.facts[key]!
    const upstream = Object.fromEntries(
      spec.deps.flatMap((dep) => {
        const version = this.facts[dep]!.state.latest?.dataVersion
        return version === undefined ? [] : [[dep, version]]
      }),
    )
    const latest = { codeVersion: spec.codeVersion, dataVersion, upstream, warehouse: 'w', durationMs: 1, failedChecks }
    this.facts[key] = {
      ...facts,
      state: { key, latest, lastAttempt: 'succeeded' },
      materialized: ++this.#sequence,
      changedAt: changed ? new Date(this.now).toISOString() : facts.changedAt,
    }
    return this
  }

  #nothing(key: AssetKey): AutomationFacts {
    return {
      state: { key, latest: null, lastAttempt: 'none' },
      materialized: null,
      changedAt: null,
      run: null,
      checks: {},
    }
  }
}

/** All nodes of a tree. */
export function nodesOf(tree: AutomationNode): AutomationNode[] {
  return [tree, ...(tree.of ?? []).flatMap(nodesOf)]
}
