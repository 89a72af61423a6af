import { createHash } from 'node:crypto'
import type {
  AssetKey,
  AssetOutcome,
  AssetSpec,
  Failure,
  Manifest,
  ManifestDiff,
  Materialization,
  PlanStep,
  Scope,
  StepInput,
} from '../../orchestrator/contract/index.ts'
import { judge, planRun, upstreamVersions } from '../../orchestrator/plan/index.ts'
import type { Store } from '../../orchestrator/store/index.ts'
import { traitStatistics } from './statistics.ts'

/** Plays a project's life into a real store, without a warehouse: what workers would have recorded. */

export const shopScope: Scope = { environment: 'dev', project: 'shop' }

export async function deploy(store: Store, manifest: Manifest, diff: Partial<ManifestDiff> = {}): Promise<number> {
  const full: ManifestDiff = { added: [], removed: [], changed: [], described: [], settings: [], ...diff }
  const manifestHash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
  const row = await store.revisions.deploy({ scope: shopScope, manifest, manifestHash, diff: full, deployedBy: 'ada' })
  await store.assets.register(shopScope, manifest.assets)
  return row.number
}

export interface RunScript {
  readonly run: string
  readonly revision: number
  readonly manifest: Manifest
  readonly selection: string
  readonly targets: readonly AssetKey[]
  readonly force?: boolean
  /** Assets that fail; what reads them does not run. */
  readonly failing?: Readonly<Partial<Record<AssetKey, Failure>>>
  /** Fails a blocking check on these. */
  readonly failingChecks?: readonly AssetKey[]
  /** These begin and do not end, nor does the run. */
  readonly leftRunning?: readonly AssetKey[]
  /** Content differs from the run before. */
  readonly data?: string
}

export async function playRun(store: Store, script: RunScript): Promise<void> {
  const { run, revision, manifest, selection, targets, force = false, failing = {}, leftRunning = [] } = script
  await store.runs.create({ scope: shopScope, run, revision, selection, targets, force })
  const keys = manifest.assets.map(({ key }) => key)
  const states = await store.assets.states(shopScope, keys)
  await store.runs.savePlan(run, planRun({ assets: manifest.assets, states, targets, force, warehouse: null }))
  const specs = new Map(manifest.assets.map((spec) => [spec.key, spec]))
  const lost = new Map<AssetKey, AssetKey>()

  for (const step of await allSteps(store, run)) {
    const input: StepInput = { ...shopScope, run, revision, warehouseQueue: 'warehouse/dev', force, step }
    const outcomes: AssetOutcome[] = []
    const ready = step.assets.filter(({ key }) => {
      const root = specs
        .get(key)
        ?.deps.map((dep) => lost.get(dep))
        .find((found) => found !== undefined)
      if (root === undefined) return !leftRunning.some((held) => held !== key && specs.get(key)?.deps.includes(held))
      lost.set(key, root)
      outcomes.push({ asset: key, status: 'upstream_failed', upstream: root, reason: 'it failed in this run' })
      return false
    })
    if (ready.length > 0) {
      await store.assets.startStep(
        input,
        ready.map(({ key }) => key),
        1,
      )
      await store.logs.append({ scope: shopScope, run, step: step.id, lines: logOf(step) })
    }
    for (const { key } of ready) {
      const spec = specs.get(key)
      const failure = failing[key]
      if (spec === undefined || leftRunning.includes(key)) continue
      if (await isFresh(store, spec, force)) {
        outcomes.push({ asset: key, status: 'fresh' })
        continue
      }
      if (failure !== undefined) {
        lost.set(key, key)
        outcomes.push({ asset: key, status: 'failed', failure })
        continue
      }
      const made = await materialization(store, spec, script)
      await store.assets.recordMaterialization(input, made, spec.kind === 'sync' ? '42 sent, 3 removed' : null)
      if (spec.kind === 'sync') await playSync(store, run, key)
    }
    if (outcomes.length > 0) await store.assets.recordOutcomes(shopScope, run, outcomes)
  }
  if (leftRunning.length === 0)
    await store.runs.finish(run, Object.keys(failing).length > 0 ? 'failed' : 'succeeded', null)
}

/** Judged when its turn comes, as activities do: an upstream that might have changed may not have. */
async function isFresh(store: Store, spec: AssetSpec, force: boolean): Promise<boolean> {
  const states = await store.assets.states(shopScope, [spec.key, ...spec.deps])
  const state = states[spec.key]
  return (
    state !== undefined && judge(spec, state, upstreamVersions(spec, states), { warehouse: null, force }).length === 0
  )
}

async function allSteps(store: Store, run: string): Promise<PlanStep[]> {
  const steps: PlanStep[] = []
  for (let page: number | null = 0; page !== null;) {
    const { steps: some, next } = await store.runs.planPage(run, page)
    steps.push(...some)
    page = next
  }
  return steps
}

async function materialization(store: Store, spec: AssetSpec, script: RunScript): Promise<Materialization> {
  const states = await store.assets.states(shopScope, spec.deps)
  const blocked = script.failingChecks?.includes(spec.key) === true
  return {
    asset: spec.key,
    codeVersion: spec.codeVersion,
    dataVersion: `sum128:${createHash('sha256')
      .update(`${spec.key} ${spec.codeVersion} ${script.data ?? ''}`)
      .digest('hex')
      .slice(0, 32)}`,
    upstream: Object.fromEntries(spec.deps.map((dep) => [dep, states[dep]?.latest?.dataVersion ?? ''])),
    warehouse: 'dev',
    rows: rowsOf(spec),
    startedAt: new Date().toISOString(),
    durationMs: 180 + 90 * spec.deps.length + (spec.kind === 'notebook' ? 9_400 : 0),
    statistics: spec.kind === 'trait' ? traitStatistics(spec) : [],
    checks:
      spec.kind !== 'model'
        ? []
        : spec.tests.map(({ name, severity }) => {
            const failed = severity === 'warn' || blocked
            return {
              name,
              severity,
              passed: !failed,
              failures: failed ? 17 : 0,
              message: failed ? 'Got 17 results, configured to warn if != 0' : null,
            }
          }),
    metadata:
      spec.kind === 'notebook' ? { auc: 0.8146, brier_score: 0.1712, trained_on: '1997', scored_on: '1998' } : {},
  }
}

function rowsOf(spec: AssetSpec): number {
  if (spec.kind === 'source') return spec.key === 'source/purchases' ? 69_659 : 412_880
  if (spec.kind === 'audience') return spec.key === 'audience/at_risk' ? 42 : 3_118
  return spec.kind === 'sync' ? 45 : 23_570
}

function logOf(step: PlanStep) {
  const text = [
    `Running step ${step.id}`,
    ...step.assets.flatMap(({ key }, at) => [
      `${at + 1} of ${step.assets.length} START ${key}`,
      `${at + 1} of ${step.assets.length} OK ${key} [in 0.${at + 2}1s]`,
    ]),
  ]
  const at = new Date().toISOString()
  return [
    ...text.map((line) => ({ at, stream: 'stdout' as const, text: line })),
    { at, stream: 'stderr' as const, text: 'warning: 17 rows have a date in the future' },
  ]
}

async function playSync(store: Store, run: string, sync: AssetKey): Promise<void> {
  const epoch = await store.syncs.acquireWriter(shopScope, sync, 'recorded')
  const syncRun = `${run}-${sync.slice(5)}`
  const writer = { scope: shopScope, sync, syncRun, epoch }
  const planned = { desired: 42, added: 40, changed: 2, removed: 3, unchanged: 0, invalid: 1 }
  await store.syncs.begin({
    ...writer,
    run,
    warehouse: 'recorded',
    target: 'recorded',
    mode: 'mirror',
    batches: 1,
    planned,
  })
  await store.syncs.intend({ ...writer, batch: { batch: 1, firstOrdinal: 1, lastOrdinal: 45, payloadHash: 'p1' } })
  await store.syncs.acknowledge({
    ...writer,
    batch: 1,
    state: 'acknowledged',
    exceptions: [{ ordinal: 7, fate: 'rejected', code: 'invalid_value', message: 'favourite_genre is too long' }],
  })
  await store.syncs.finish({ ...writer, status: 'settled' })
}
