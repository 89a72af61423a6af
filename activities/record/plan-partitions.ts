import {
  TraitlineError,
  type AssetKey,
  type AssetSpec,
  type RunInput,
  type RunPlan,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import {
  complementOf,
  isRecorded,
  numbersIn,
  selectPartitions,
  setOf,
  type Partitioning,
  type PartitionSet,
} from '../../orchestrator/graph/index.ts'
import { partitionsRead, planPartitions, type PlanRunInput } from '../../orchestrator/plan/index.ts'
import type { PartitionStates, RunRow, Store } from '../../orchestrator/store/store.ts'
import { openPartitionings, type ManifestIndex } from '../runtime/index.ts'

/** Plans a run of which some targets have partitions: which of them, what is known of those, then what has to be made. */
export async function planWithPartitions(
  store: Pick<Store, 'partitions'>,
  input: RunInput,
  run: RunRow,
  index: ManifestIndex,
  base: PlanRunInput,
): Promise<RunPlan> {
  const targets = run.targets.map((key) => index.asset(key))
  const partitionings = await openPartitionings(store.partitions, input, index.manifest, targets)
  const cut = targets.filter(({ partitions }) => partitions !== undefined)
  const selected = new Map<AssetKey, PartitionSet>()
  for (const spec of cut) {
    selected.set(spec.key, await selectedOf(store, input, spec, run.partitions, partitionings(spec.key)!))
  }
  const wanted = new Map<AssetKey, Set<number>>()
  const want = (key: AssetKey, set: PartitionSet): void => {
    const numbers = wanted.get(key) ?? new Set()
    for (const n of numbersIn(set)) numbers.add(n)
    wanted.set(key, numbers)
  }
  for (const spec of cut) {
    const own = selected.get(spec.key) ?? []
    want(spec.key, own)
    if (spec.mappings === undefined) continue
    for (const n of numbersIn(own)) for (const [dep, { set }] of partitionsRead(spec, n, partitionings)) want(dep, set)
  }
  const known = new Map<AssetKey, PartitionStates>()
  for (const [key, numbers] of wanted) {
    const partitioning = partitionings(key)!
    known.set(
      key,
      await store.partitions.states(
        input,
        key,
        [...numbers].map((n) => partitioning.keyOf(n)),
      ),
    )
  }
  return planPartitions({ ...base, partitionings, selected, known: (key) => known.get(key) })
}

/** Which partitions of an asset a run is about: the latest, unless something was said. */
export async function selectedOf(
  store: Pick<Store, 'partitions'>,
  input: Scope,
  spec: AssetSpec,
  selection: string | null,
  partitioning: Partitioning,
): Promise<PartitionSet> {
  if (selection === null) return partitioning.count === 0 ? [] : selectPartitions(spec.key, 'latest', partitioning)
  if (!isRecorded(selection)) return selectPartitions(spec.key, selection, partitioning)
  const statuses = await store.partitions.statuses(input, spec.key)
  const numbers = (of: typeof statuses): PartitionSet =>
    setOf(of.map(({ partition }) => partitioning.numberOf(partition)).filter((n) => n >= 0))
  return selection === 'missing'
    ? complementOf(numbers(statuses.filter(({ made }) => made)), partitioning.count)
    : numbers(statuses.filter(({ status }) => status === 'failed' || status === 'upstream_failed'))
}

export function noPartitions(selection: string): TraitlineError {
  return new TraitlineError({
    code: 'PARTITION_UNKNOWN',
    message: `the partitions ${selection} were asked for, and no asset of the selection has any`,
    hint: 'Leave --partitions out, or select an asset that has partitions.',
    blame: 'user',
  })
}
