import type { AssetKey, AssetSpec, FreshnessPolicy, Scope, WatchActivities } from '../../orchestrator/contract/index.ts'
import { judgeFreshness, withWindows } from '../../orchestrator/plan/index.ts'
import type { JudgedFreshness, Store } from '../../orchestrator/store/store.ts'
import { wakeIfAutomated } from '../automation/wake.ts'
import { asActivities, type Manifests } from '../runtime/index.ts'

export interface WatchDeps {
  readonly store: Pick<Store, 'checks' | 'freshness' | 'revisions'>
  readonly manifests: Manifests
  readonly clock: () => Date
  /** Has the conditions of a project looked at: a check that passes or fails may be what one waits for. */
  readonly wake?: (scope: Scope) => Promise<void>
}

/** What is recorded beside runs: how check runs end, and how assets stand to their freshness policies. */
export function createWatchActivities(deps: WatchDeps): WatchActivities {
  const { checks, freshness } = deps.store
  return asActivities<WatchActivities>({
    finishChecks: async ({ environment, project, run, status, counts, failure }) => {
      const scope: Scope = { environment, project }
      await checks.finish(scope, run, { status, counts, failure })
      await wakeIfAutomated(deps, scope)
    },

    judgeFreshness: async ({ environment, project }) => {
      const scope: Scope = { environment, project }
      const { asOf, policies } = await policiesOf(deps, scope)
      const facts = await freshness.facts(scope, [...policies.keys()])
      const now = deps.clock().getTime()
      const judged: JudgedFreshness[] = []
      let changesAt = Infinity
      for (const [asset, { policy, spec }] of policies) {
        const known = facts.get(asset)
        if (known === undefined) continue
        const sla = judgeFreshness(policy, withWindows(spec, known, asOf), now)
        const { status, since, deadline } = sla
        judged.push({ asset, status, since, deadline })
        if (sla.changesAt !== null) changesAt = Math.min(changesAt, Date.parse(sla.changesAt))
      }
      await freshness.record(scope, judged)
      return { changesInMs: changesAt === Infinity ? null : changesAt - now }
    },
  })
}

interface Policies {
  readonly asOf: string | null
  readonly policies: ReadonlyMap<AssetKey, { readonly policy: FreshnessPolicy; readonly spec: AssetSpec }>
}

async function policiesOf({ store, manifests }: WatchDeps, scope: Scope): Promise<Policies> {
  const [latest] = await store.revisions.list(scope, { limit: 1 })
  if (latest === undefined) return { asOf: null, policies: new Map() }
  const { assets, asOf } = await manifests(scope, latest.number)
  const watched = assets.flatMap((spec) =>
    spec.freshness === undefined ? [] : [[spec.key, { policy: spec.freshness, spec }] as const],
  )
  return { asOf, policies: new Map(watched) }
}
