import { Context } from '@temporalio/activity'
import {
  isBlocked,
  TraitlineError,
  type AssetKey,
  type AssetKind,
  type AssetOutcome,
  type AssetSpec,
  type AssetState,
  type CheckResult,
  type Failure,
  type PartitionView,
  type StaleReason,
  type StepInput,
  type StepOutcome,
} from '../../../orchestrator/contract/index.ts'
import { numbersIn, type MappedPartitions, type Partitioning } from '../../../orchestrator/graph/index.ts'
import {
  judge,
  neverMaterialized,
  partitionInputs,
  partitionsMissing,
  partitionsRead,
  type Partitionings,
} from '../../../orchestrator/plan/index.ts'
import type { PartitionMaterialization, PartitionStates } from '../../../orchestrator/store/store.ts'
import { evaluateChecks } from '../../checks/evaluate.ts'
import { partToCheck } from '../../checks/partition.ts'
import {
  manifestIndex,
  openPartitionings,
  toFailure,
  withHeartbeat,
  type ManifestIndex,
  type SpecOf,
} from '../../runtime/index.ts'
import type { MaterializeDeps } from '../deps.ts'
import { isWrittenByOthers } from './reads.ts'
import { ofAsset } from '../materialize-asset.ts'

/** One partition that has to be made. */
export interface Part {
  readonly partition: string
  readonly position: number
  readonly view: PartitionView
  readonly reasons: readonly StaleReason[]
  readonly previous: AssetState
  /** Which partitions it reads of each upstream that has any. */
  readonly reads: ReadonlyMap<AssetKey, MappedPartitions>
  /** The version of each upstream that is about to be read. */
  readonly upstream: Readonly<Record<AssetKey, string>>
}

/** What a kind's own file gets to work with: partitions of one asset. */
export interface PartitionJob<Spec extends AssetSpec> {
  readonly spec: Spec
  readonly manifest: ManifestIndex
  readonly input: StepInput
  readonly parts: readonly Part[]
  readonly partitionings: Partitionings
  readonly signal: AbortSignal
}

/** What became of one of them: made, the same as it was, or failed while others were not. */
export type PartResult =
  | {
      readonly partition: string
      readonly dataVersion: string
      readonly rows: number | null
      /** What was checked while it was made. */
      readonly checks?: readonly CheckResult[]
    }
  | { readonly partition: string; readonly fresh: true }
  | { readonly partition: string; readonly failure: Failure }

type PartitionDeps = Pick<MaterializeDeps, 'warehouse' | 'manifests' | 'clock' | 'userCode'> & {
  readonly store: Pick<MaterializeDeps['store'], 'assets' | 'partitions' | 'checks'>
}

/** Whether a step makes partitions. */
export function makesPartitions(input: StepInput): boolean {
  return input.step.assets.some(({ partition }) => partition !== undefined)
}

/**
 * All that is common to making partitions of an asset, as `materializeAsset` has it for a whole one: each partition is
 * judged by itself, made unless it is fresh or something that it reads is not there, and recorded once.
 */
export async function makePartitions<K extends AssetKind>(
  deps: PartitionDeps,
  input: StepInput,
  kind: K,
  work: (job: PartitionJob<SpecOf<K>>) => Promise<readonly PartResult[]>,
): Promise<StepOutcome> {
  return withHeartbeat(async (signal) => {
    const { partitions: record, assets } = deps.store
    const key = input.step.assets[0]!.key
    const keys = input.step.assets.map(({ partition }) => partition!)
    const manifest = manifestIndex(await deps.manifests(input, input.revision))
    const spec = manifest.assetOf(kind, key)
    const [partitionings, warehouse] = await Promise.all([
      openPartitionings(record, input, manifest.manifest, [spec], deps.clock),
      deps.warehouse.identity(),
    ])
    const places = placesOf(spec, keys, partitionings(key))
    const { recorded, states } = await record.start(input, key, places, Context.current().info.attempt)
    const ended = new Set(recorded.map(({ partition }) => partition))
    const open = places.filter(({ partition }) => !ended.has(partition))
    const read = new Map(open.map(({ partition, n }) => [partition, partitionsRead(spec, n, partitionings)]))
    const [whole, known] = await Promise.all([
      assets.states(input, spec.deps),
      knownOf(deps, input, [...read.values()], partitionings),
    ])
    const parts: Part[] = []
    const settled: AssetOutcome[] = []
    for (const place of open) {
      const reads = read.get(place.partition)!
      const inputs = partitionInputs(spec, reads, whole, (dep) => known.get(dep), partitionings, warehouse)
      const previous = states.get(place.partition) ?? neverMaterialized(key)
      const of = { asset: key, partition: place.partition }
      const reasons = judge(spec, previous, inputs.versions, { warehouse, force: input.force })
      const [blocked] = inputs.blocked
      if (inputs.missing.length > 0) {
        settled.push({
          ...of,
          status: 'failed',
          failure: toFailure(partitionsMissing(spec, place.partition, inputs.missing)),
        })
      } else if (blocked !== undefined) {
        const reason = `its checks ${blocked.checks.join(', ')} failed`
        settled.push({ ...of, status: 'upstream_failed', upstream: blocked.upstream, reason })
      } else if (reasons.length === 0) settled.push({ ...of, status: 'fresh' })
      else {
        const { partition, position } = place
        const view = partitionings(key)!.view(place.n)
        parts.push({ partition, position, view, reasons, previous, reads, upstream: inputs.versions })
      }
    }
    await record.recordOutcomes(input, input.run, settled)
    if (parts.length > 0)
      await make(deps, input, { spec, manifest, input, parts, partitionings, signal }, warehouse, work)
    return { assets: await record.outcomes(input.run, key, keys) }
  })
}

async function make<Spec extends AssetSpec>(
  deps: PartitionDeps,
  input: StepInput,
  job: PartitionJob<Spec>,
  warehouse: string,
  work: (job: PartitionJob<Spec>) => Promise<readonly PartResult[]>,
): Promise<void> {
  const { spec, parts } = job
  const startedAt = deps.clock()
  const results = await work(job).catch((error: unknown) => Promise.reject(ofAsset(spec.key, error)))
  const durationMs = (deps.clock().getTime() - startedAt.getTime()) / parts.length
  const byKey = new Map(parts.map((part) => [part.partition, part]))
  const { partitions: record } = deps.store
  const checked = (spec.checks ?? []).length > 0
  const made: PartitionMaterialization[] = []
  for (const result of inOrder(results, byKey)) {
    if (!('dataVersion' in result)) continue
    const part = byKey.get(result.partition)!
    const { position, upstream } = part
    const checks = [...(result.checks ?? []), ...(await checksOf(deps, job, part, result))]
    made.push({
      ...result,
      ...{
        position,
        upstream,
        warehouse,
        durationMs,
        checks,
        codeVersion: spec.codeVersion,
        failedChecks: checks.filter(isBlocked).map(({ name }) => name),
      },
      startedAt: startedAt.toISOString(),
    })
    // The next may be compared with it.
    if (checked) await record.record(input, spec.key, made.splice(0))
  }
  await record.record(input, spec.key, made)
  const others = results.flatMap((result): AssetOutcome[] => {
    const of = { asset: spec.key, partition: result.partition }
    if ('failure' in result) return [{ ...of, status: 'failed', failure: result.failure }]
    return 'fresh' in result ? [{ ...of, status: 'fresh' }] : []
  })
  await record.recordOutcomes(input, input.run, others)
}

function inOrder(results: readonly PartResult[], parts: ReadonlyMap<string, Part>): readonly PartResult[] {
  const place = ({ partition }: PartResult): number => parts.get(partition)!.position
  return [...results].sort((a, b) => place(a) - place(b))
}

/** The checks of one partition that is in place. */
async function checksOf<Spec extends AssetSpec>(
  deps: PartitionDeps,
  { spec, manifest, input, partitionings, signal }: PartitionJob<Spec>,
  { partition, view, reads }: Part,
  { rows }: { readonly rows: number | null },
): Promise<readonly CheckResult[]> {
  if ((spec.checks ?? []).length === 0) return []
  const { environment, project, run } = input
  const scope = { environment, project }
  const part = partToCheck(deps, { scope, spec, manifest, partitionings, partition, view, reads, madeBy: run })
  // How many rows of it a model's table holds nobody knows, unless its columns tell.
  const counted = spec.kind === 'model' && !isWrittenByOthers(spec) ? null : rows
  return evaluateChecks(deps, { scope, spec, manifest, part, signal, rows: counted, counts: {}, materialization: null })
}

/** What is known of all partitions that are read, by upstream. */
async function knownOf(
  deps: PartitionDeps,
  input: StepInput,
  reads: readonly ReadonlyMap<AssetKey, MappedPartitions>[],
  partitionings: Partitionings,
): Promise<ReadonlyMap<AssetKey, PartitionStates>> {
  const wanted = new Map<AssetKey, Set<number>>()
  for (const read of reads) {
    for (const [dep, { set }] of read) {
      const numbers = wanted.get(dep) ?? new Set()
      for (const n of numbersIn(set)) numbers.add(n)
      wanted.set(dep, numbers)
    }
  }
  const known = new Map<AssetKey, PartitionStates>()
  for (const [dep, numbers] of wanted) {
    const keys = [...numbers].map((n) => partitionings(dep)!.keyOf(n))
    known.set(dep, await deps.store.partitions.states(input, dep, keys))
  }
  return known
}

function placesOf(spec: AssetSpec, keys: readonly string[], partitioning: Partitioning | null) {
  return keys.map((partition) => {
    const n = partitioning?.numberOf(partition) ?? -1
    if (partitioning !== null && n >= 0) return { partition, n, position: partitioning.positionOf(n) }
    throw new TraitlineError({
      code: 'PARTITION_UNKNOWN',
      message: `${spec.key} has no partition ${partition} any more`,
      hint: 'It was removed, or the project’s clock was set back, since the run was planned.',
      blame: 'user',
    })
  })
}
