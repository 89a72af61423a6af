import type { AssetKey, FreshnessPolicy, Scope, WatchActivities } from '../../orchestrator/contract/index.ts'
import { judgeFreshness } from '../../orchestrator/plan/index.ts'
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
      const policies = await policiesOf(deps, scope)
      const facts = await freshness.facts(scope, [...policies.keys()])
      const now = deps.clock().getTime()
      const judged: JudgedFreshness[] = []
      let changesAt = Infinity
      for (const [asset, policy] of policies) {
        const known = facts.get(asset)
        if (known === undefined) continue
        const sla = judgeFreshness(policy, known, now)
        const { status, since, deadline } = sla
        judged.push({ asset, status, since, deadline })
        if (sla.changesAt !== null) changesAt = Math.min(changesAt, Date.parse(sla.changesAt))
      }
      await freshness.record(scope, judged)
      return { changesInMs: changesAt === Infinity ? null : changesAt - now }
    },
  })
}

async function policiesOf({ store, manifests }: WatchDeps, scope: Scope): Promise<Map<AssetKey, FreshnessPolicy>> {
  const [latest] = await store.revisions.list(scope, { limit: 1 })
  if (latest === undefined) return new Map()
  const { assets } = await manifests(scope, latest.number)
  return new Map(assets.flatMap(({ key, freshness }) => (freshness === undefined ? [] : [[key, freshness] as const])))
}
