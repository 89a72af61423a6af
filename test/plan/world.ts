import fc from 'fast-check'
import type { AssetKey, AssetKind, AssetSpec, AssetState, RunPlan } from '../../orchestrator/contract/index.ts'
import { assetKey } from '../../orchestrator/contract/index.ts'
import {
  blockedBy,
  guardsOf,
  judge,
  missingUpstreams,
  neverMaterialized,
  upstreamVersions,
} from '../../orchestrator/plan/index.ts'

/** The least that makes a spec for planning. */
export function specOf(key: AssetKey, deps: readonly AssetKey[] = [], codeVersion = 'v1'): AssetSpec {
  const [kind, ...segments] = key.split('/') as [AssetKind, ...string[]]
  const common = {
    key,
    kind,
    deps,
    codeVersion,
    description: null,
    group: null,
    owners: [],
    tags: {},
    definedAt: null,
    relation: null,
    columns: [],
  }
  // The kinds' own fields do not matter to planning, but for the dbt project.
  return (kind === 'model' ? { ...common, dbtProject: segments[0] } : common) as unknown as AssetSpec
}

const shapes = ['source', 'p', 'p', 'q', 'notebook', 'trait'] as const

/** Random graphs in topological order: sources, models of two dbt projects, notebooks and traits. */
export const graphs = (maxAssets = 24): fc.Arbitrary<AssetSpec[]> =>
  fc
    .array(fc.record({ shape: fc.constantFrom(...shapes), picks: fc.array(fc.nat(), { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: maxAssets,
    })
    .map((nodes) => {
      const specs: AssetSpec[] = []
      nodes.forEach(({ shape, picks }, index) => {
        const deps =
          shape === 'source' || index === 0 ? [] : [...new Set(picks.map((pick) => specs[pick % index]!.key))]
        const name = `a${index}`
        const key = shape === 'p' || shape === 'q' ? assetKey('model', shape, name) : assetKey(shape, name)
        specs.push(specOf(key, deps))
      })
      return specs
    })

export interface ExecuteOptions {
  readonly fails?: (key: AssetKey) => boolean
  readonly force?: boolean
}

export interface RunReport {
  readonly materialized: AssetKey[]
  readonly fresh: AssetKey[]
  readonly failed: AssetKey[]
}

/** Plays a project over time: what its sources hold, what was recorded, what fails. */
export class World {
  specs: AssetSpec[]
  states: Record<AssetKey, AssetState> = {}
  content: Record<AssetKey, string> = {}
  warehouse = 'w1'
  durationMs = 5_000

  constructor(specs: readonly AssetSpec[]) {
    this.specs = [...specs]
  }

  /** Does a plan as the workflows would: in order, judging again, stopping the wave where something failed. */
  execute(plan: RunPlan, options: ExecuteOptions = {}): RunReport {
    const { fails = () => false, force = false } = options
    const report: RunReport = { materialized: [], fresh: [...plan.fresh], failed: [] }
    const notDone = new Set<AssetKey>()
    for (const { key, deps } of plan.steps.flatMap((step) => step.assets)) {
      const spec = this.specs.find((candidate) => candidate.key === key)!
      const outcome = deps.some((dep) => notDone.has(dep)) ? 'skipped' : this.#attempt(spec, fails(key), force)
      if (outcome === 'skipped' || outcome === 'failed') notDone.add(key)
      if (outcome !== 'skipped') report[outcome].push(key)
    }
    return report
  }

  #attempt(spec: AssetSpec, fails: boolean, force: boolean): 'fresh' | 'materialized' | 'failed' {
    const before = this.states[spec.key] ?? neverMaterialized(spec.key)
    const upstream = upstreamVersions(spec, this.states)
    const cannot =
      missingUpstreams(spec, this.states, this.warehouse).length > 0 ||
      blockedBy(guardsOf(spec), this.states).length > 0
    if (!cannot && judge(spec, before, upstream, { warehouse: this.warehouse, force }).length === 0) return 'fresh'
    if (cannot || fails) {
      this.states[spec.key] = { ...before, lastAttempt: 'failed' }
      return 'failed'
    }
    this.states[spec.key] = {
      key: spec.key,
      latest: {
        codeVersion: spec.codeVersion,
        dataVersion: this.dataVersion(spec, upstream),
        upstream,
        warehouse: this.warehouse,
        durationMs: this.durationMs,
        failedChecks: [],
      },
      lastAttempt: 'succeeded',
    }
    return 'materialized'
  }

  dataVersion(spec: AssetSpec, upstream: Readonly<Record<AssetKey, string>>): string {
    const inputs = spec.deps.map((dep) => upstream[dep]).join(',')
    return `${spec.key}@${spec.codeVersion}[${this.content[spec.key] ?? ''}](${inputs})`
  }

  /** What every asset would hold if all were built now, in order. */
  ideal(): Record<AssetKey, string> {
    const versions: Record<AssetKey, string> = {}
    for (const spec of this.specs) versions[spec.key] = this.dataVersion(spec, versions)
    return versions
  }
}
