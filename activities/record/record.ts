import {
  missingInWords,
  missingVariables,
  poolsOfAsset,
  poolOfQueue,
  resourcesUsed,
  TraitlineError,
  type AssetKey,
  type AssetOutcome,
  type AssetSpec,
  type PlanPage,
  type RecordActivities,
  type RunInput,
  type RunPlan,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import { wakeIfAutomated } from '../automation/wake.ts'
import { noPartitions, planRun } from '../../orchestrator/plan/index.ts'
import type { Store } from '../../orchestrator/store/store.ts'
import { planWithPartitions } from './plan-partitions.ts'
import {
  asActivities,
  configuredManifest,
  manifestIndex,
  type ManifestIndex,
  type Manifests,
} from '../runtime/index.ts'
import { movedSyncs } from '../sync/moved.ts'

export interface RecordDeps {
  readonly store: Pick<Store, 'runs' | 'assets' | 'leases' | 'partitions' | 'freshness' | 'syncs' | 'revisions'>
  readonly manifests: Manifests
  /** Identity of the warehouse's content: what was made in another one has to be made again. */
  readonly warehouse: () => Promise<string>
  /** What an EnvRef of a destination's configuration stands for: a sync may go elsewhere without a new definition. */
  readonly secrets: (name: string) => string | undefined
  /** Has the conditions of a project looked at, which what a run did may have changed. */
  readonly wake?: (scope: Scope) => Promise<void>
}

/** Planning and the record. Each may run again at any time, and then changes nothing. */
export function createRecordActivities(deps: RecordDeps): RecordActivities {
  const { runs, assets, partitions } = deps.store
  return asActivities<RecordActivities>({
    planRun: async (input) => ((await runs.hasPlan(input.run)) ? runs.planPage(input.run, 0) : plan(deps, input)),
    planPage: ({ run, page }) => runs.planPage(run, page),
    recordOutcomes: async ({ environment, project, run, outcomes }) => {
      const whole = outcomes.filter(({ partition }) => partition === undefined)
      const cut = outcomes.filter(({ partition }) => partition !== undefined)
      const scope = { environment, project }
      if (cut.length > 0) await partitions.recordOutcomes(scope, run, cut)
      if (whole.length === 0) return []
      await assets.recordOutcomes(scope, run, whole)
      const asked = new Map(whole.map(({ asset, status }) => [asset, status]))
      return (await assets.outcomes(run, [...asked.keys()])).filter(({ asset, status }) => status !== asked.get(asset))
    },
    recordFailure: async (input) => {
      const keys = input.step.assets.map((asset) => asset.key)
      const ended = input.step.assets.map(({ key: asset, partition }): AssetOutcome => {
        const of = partition === undefined ? { asset } : { asset, partition }
        return input.failure === null
          ? { ...of, status: 'cancelled' }
          : { ...of, status: 'failed', failure: input.failure }
      })
      const cut = input.step.assets.flatMap(({ partition }) => partition ?? [])
      if (cut.length > 0) {
        await partitions.recordOutcomes(input, input.run, ended)
        return { assets: await partitions.outcomes(input.run, keys[0]!, cut) }
      }
      await assets.recordOutcomes(input, input.run, ended)
      return { assets: await assets.outcomes(input.run, keys) }
    },
    finishRun: async (input) => {
      const { environment, project, run, result, failure } = input
      await runs.finish(run, result.status, failure)
      await wakeIfAutomated(deps, { environment, project })
    },
  })
}

async function plan({ store, manifests, warehouse, secrets }: RecordDeps, input: RunInput): Promise<PlanPage> {
  const [run, deployed, identity] = await Promise.all([
    store.runs.get(input.run),
    manifests(input, input.revision),
    warehouse(),
  ])
  if (run === null) throw runMissing(input)
  const manifest = configuredManifest(deployed, run.config)
  const index = manifestIndex(manifest)
  const read = new Set<AssetKey>(run.targets)
  for (const target of run.targets) for (const dep of index.asset(target).deps) read.add(dep)
  const [moved, states, pools, pauses] = await Promise.all([
    movedSyncs(store, input, index, run.targets, secrets),
    store.assets.states(input, [...read]),
    poolsWithLimit(store, index, input, run.targets),
    store.syncs.paused(input),
  ])
  const paused = pauses.map(({ sync }) => sync).filter((key) => run.targets.includes(key))
  const targets = run.targets.filter((key) => !paused.includes(key))
  // What is asked of one sync is asked whether or not it is fresh.
  const force = run.force || run.sync !== null
  const all = { assets: manifest.assets, states, targets, force, warehouse: identity, moved, pools }
  const cut = targets.some((target) => index.asset(target).partitions !== undefined)
  if (!cut && run.partitions !== null) throw noPartitions(run.partitions)
  const planned = cut ? await planWithPartitions(store, input, run, index, all) : planRun(all)
  checkVariables(planned, index, (name) => secrets(name) !== undefined)
  const found = planned.fresh.filter((key) => index.asset(key).freshness !== undefined)
  await store.freshness.confirm(input, found)
  return store.runs.savePlan(input.run, paused.length === 0 ? planned : { ...planned, paused })
}

/** Before anything runs: that a secret is missing shall not be found out at the end of an hour's work. */
function checkVariables(plan: RunPlan, index: ManifestIndex, isSet: (name: string) => boolean): void {
  const specs = plan.steps.flatMap((step) => step.assets.map(({ key }) => index.asset(key)))
  const used = new Set(specs.flatMap((spec) => (spec.kind === 'sync' ? [spec.destination] : [])))
  const resources = new Set(specs.flatMap(resourcesUsed))
  const missing = missingVariables(
    {
      destinations: index.manifest.destinations.filter(({ name }) => used.has(name)),
      resources: index.manifest.resources?.filter(({ name }) => resources.has(name)),
    },
    isSet,
  )
  if (missing.length === 0) return
  throw new TraitlineError({
    code: 'SECRET_MISSING',
    message: `The worker lacks variables that the run needs: ${missingInWords(missing)}`,
    hint: 'Set them where the worker starts, or leave out of the selection what needs them. Nothing was run.',
    blame: 'config',
  })
}

/** Only what has a limit is waited for: without any, nothing is asked and a step costs what it always did. */
async function poolsWithLimit(
  store: Pick<Store, 'leases'>,
  index: ManifestIndex,
  { environment, project, warehouseQueue }: RunInput,
  targets: readonly AssetKey[],
): Promise<(spec: AssetSpec) => readonly string[]> {
  const warehouse = poolOfQueue(warehouseQueue, { environment, project })
  const poolsOf = (spec: AssetSpec): string[] => poolsOfAsset(spec, project, warehouse)
  const named = new Set(targets.flatMap((target) => poolsOf(index.asset(target))))
  const limited = await store.leases.limited(environment, [...named])
  return limited.size === 0 ? () => [] : (spec) => poolsOf(spec).filter((pool) => limited.has(pool))
}

function runMissing(input: RunInput): TraitlineError {
  return new TraitlineError({
    code: 'RUN_MISSING',
    message: `Run ${input.run} is not in the record`,
    hint: 'Start runs with traitline materialize or through the API, which record them first.',
    blame: 'config',
  })
}
