import type {
  AssetKey,
  AssetSpec,
  AssetStates,
  CodeChange,
  ManifestDiff,
  PlannedAsset,
  PlanPreview,
  Scope,
} from '../contract/index.ts'
import { select, type Graph } from '../graph/index.ts'
import {
  changedFields,
  noPartitions,
  openPartitionings,
  planRun,
  planSelected,
  previewPlan,
  withFailuresRead,
  type PartitionsToPreview,
  type PlannedPartitions,
  type PlanRunInput,
} from '../plan/index.ts'
import type { BuildRow, Store } from '../store/store.ts'
import { underNewKeys } from './renamed-reads.ts'

export interface PlanQuestion {
  readonly scope: Scope
  /** What is deployed; null for a working copy that is not. */
  readonly revision: number | null
  readonly assets: readonly AssetSpec[]
  readonly graph: Graph<AssetSpec>
  readonly selection: string
  /** Which partitions of those that have any, as it was written; null or absent for the latest. */
  readonly partitions?: string | null
  /** The project's clock; null for the time of day. */
  readonly asOf?: string | null
  readonly force: boolean
  readonly concurrency: number
  /** Of a working copy: how it differs from what is deployed. */
  readonly changes?: ManifestDiff | null
}

/** Definitions are compared for so many assets; the others are only told to have changed. */
const mostCompared = 50
/** The definitions that were last materialised may be spread over many revisions: so many are looked into. */
const mostRevisions = 8

/** What planning reads of the record. */
export type PlanReads = {
  readonly partitions: Pick<Store['partitions'], 'keys' | 'states' | 'runs' | 'totals' | 'failing'>
} & {
  readonly [Part in 'assets' | 'runs' | 'revisions' | 'syncs']: Pick<
    Store[Part],
    Extract<keyof Store[Part], 'states' | 'builds' | 'stepTimes' | 'specs' | 'owed' | 'paused'>
  >
}

/** What a run of the selection would do, by the record as it is. Changes nothing, and starts nothing. */
export async function readPlan(record: PlanReads, question: PlanQuestion): Promise<PlanPreview> {
  const { scope, revision, graph, assets, selection, force, concurrency, changes = null } = question
  const { partitions = null } = question
  const store = underNewKeys(record, changes?.renamed ?? [])
  const targets = select(graph, selection)
  const specOf = (key: AssetKey): AssetSpec => graph.get(key)!
  const read = [...new Set(targets.flatMap((key) => [key, ...specOf(key).deps]))]
  const [found, builds, owed, paused] = await Promise.all([
    store.assets.states(scope, read),
    store.assets.builds(scope, read),
    store.syncs.owed(scope),
    store.syncs.paused(scope),
  ])
  const warehouse = lastWarehouse(builds)
  const base = { assets, states: found, targets, force, warehouse }
  const cut = await planCut(store, question, targets.map(specOf), base)
  const { plan, states } = cut ?? { plan: planRun(base), states: found }
  const built = new Map(builds.map((row) => [row.asset, row]))
  const planned = plan.steps.flatMap((step) => step.assets)
  const recoded = new Set(
    planned.filter(({ reasons }) => reasons.some(({ type }) => type === 'code_changed')).map(({ key }) => key),
  )
  const groups = plan.steps.filter(({ assets: [first] }) => isGroup(first, specOf))
  const [codeChanges, times] = await Promise.all([
    readCodeChanges(store, scope, [...recoded].slice(0, mostCompared).map(specOf), built),
    store.runs.stepTimes(
      [...new Set(groups.flatMap(({ assets: [first] }) => built.get(first!.key)?.recent.map(({ run }) => run) ?? []))],
      groups.map(({ id }) => id),
    ),
  ])
  const overheads = new Map<string, number[]>()
  for (const { step, wallMs, workMs } of times) {
    overheads.set(step, [...(overheads.get(step) ?? []), Math.max(0, wallMs - workMs)])
  }
  const preview = previewPlan({
    plan,
    specOf,
    states,
    made: new Map(builds.map(({ asset, revision: by, run, endedAt: at }) => [asset, { revision: by, run, at }])),
    history: {
      assets: new Map(builds.map(({ asset, recent }) => [asset, recent.map(({ durationMs }) => durationMs)])),
      overheads,
    },
    warehouse,
    concurrency,
    codeChanges,
    paused: new Map(paused.map(({ sync, reason }) => [sync, reason])),
    owed: new Map(owed.map(({ sync, rejected, unfinished }) => [sync, { rejected, unfinished }])),
    ...(cut !== null && { partitions: cut }),
  })
  const asked = partitions === null ? {} : { partitions }
  return { ...scope, revision, selection, ...asked, force, changes, ...preview }
}

/** Models of dbt that go together: what they took beside their own work is known by the step. */
function isGroup(first: PlannedAsset | undefined, specOf: (key: AssetKey) => AssetSpec): boolean {
  return first !== undefined && first.partition === undefined && specOf(first.key).kind === 'model'
}

/** The same where assets with partitions are selected, or read; null where there are none. */
async function planCut(
  { partitions }: Pick<PlanReads, 'partitions'>,
  question: PlanQuestion,
  targets: readonly AssetSpec[],
  base: PlanRunInput,
): Promise<(PlannedPartitions & { readonly states: AssetStates } & PartitionsToPreview) | null> {
  const { scope, graph, asOf = null, partitions: selection = null } = question
  const cut = targets.filter((spec) => spec.partitions !== undefined)
  if (cut.length === 0 && selection !== null) throw noPartitions(selection)
  if (cut.length === 0 && targets.every(({ mappings }) => mappings === undefined)) return null
  const specOf = (key: AssetKey): AssetSpec => graph.get(key)!
  const partitionings = await openPartitionings(partitions, scope, { asOf }, targets, specOf, Date.now())
  let { states } = base
  for (const spec of targets) {
    states = await withFailuresRead(partitions, scope, spec, states, () => partitionings)
  }
  const keys = cut.map(({ key }) => key)
  const [planned, totals] = await Promise.all([
    planSelected(partitions, { scope, targets: cut, partitionings, selection }, { ...base, states }),
    partitions.totals(scope, keys),
  ])
  const failures = [...totals].map(
    ([key, { failed, upstream_failed: stopped, failing, made }]) =>
      [key, { failed: failed + stopped, failing, made }] as const,
  )
  return { ...planned, states, partitionings, totals: new Map(failures) }
}

/**
 * Whoever plans before a run may not be able to ask the warehouse: a worker holds its file. The one that was worked
 * in last is the one in use.
 */
function lastWarehouse(builds: readonly BuildRow[]): string | null {
  const [first] = builds
  if (first === undefined) return null
  return builds.reduce((last, row) => (row.endedAt > last.endedAt ? row : last), first).warehouse
}

async function readCodeChanges(
  { revisions }: Pick<PlanReads, 'revisions'>,
  scope: Scope,
  specs: readonly AssetSpec[],
  built: ReadonlyMap<AssetKey, BuildRow>,
): Promise<Map<AssetKey, CodeChange>> {
  const byRevision = new Map<number, AssetSpec[]>()
  for (const spec of specs) {
    const since = built.get(spec.key)?.revision
    if (since !== undefined) byRevision.set(since, [...(byRevision.get(since) ?? []), spec])
  }
  const changes = new Map<AssetKey, CodeChange>()
  for (const [sinceRevision, changed] of [...byRevision].slice(0, mostRevisions)) {
    const old = await revisions.specs(
      scope,
      sinceRevision,
      changed.map(({ key }) => key),
    )
    const before = new Map(old.map((spec) => [spec.key, spec]))
    for (const spec of changed) {
      const was = before.get(spec.key)
      if (was !== undefined) changes.set(spec.key, { sinceRevision, fields: changedFields(was, spec) })
    }
  }
  return changes
}
