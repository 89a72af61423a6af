import {
  TraitlineError,
  type AssetKey,
  type AssetSpec,
  type AssetState,
  type RunPlan,
  type Scope,
} from '../../contract/index.ts'
import { numbersIn, sizeOf, type PartitionSet } from '../../graph/index.ts'
import type { PlanRunInput } from '../plan-run.ts'
import { partitionsRead, type KnownPartitions, type Partitionings } from './facts.ts'
import { planPartitions } from './plan-partitions.ts'
import { selectedOf, type PartitionReader } from './reader.ts'

export interface PlanSelectedInput {
  readonly scope: Scope
  readonly targets: readonly AssetSpec[]
  readonly partitionings: Partitionings
  /** As it was written; null if nothing was said. */
  readonly selection: string | null
  /** Given, more partitions than so many are refused: of what is planned to be run. */
  readonly most?: number
}

export interface PlannedPartitions {
  readonly plan: RunPlan
  readonly selected: ReadonlyMap<AssetKey, PartitionSet>
  readonly known: KnownPartitions
}

/** Plans a run of which some targets have partitions: which of them, what is known of those, then what has to be made. */
export async function planSelected(
  reader: PartitionReader,
  { scope, targets, partitionings, selection, most = Infinity }: PlanSelectedInput,
  base: PlanRunInput,
): Promise<PlannedPartitions> {
  const cut = targets.filter(({ key }) => partitionings(key) !== null)
  const selected = new Map<AssetKey, PartitionSet>()
  for (const spec of cut) {
    selected.set(spec.key, await selectedOf(reader, scope, spec, selection, partitionings(spec.key)!))
  }
  const all = [...selected.values()].reduce((sum, set) => sum + sizeOf(set), 0)
  if (all > most) throw tooMany(all, most)
  const known = await readKnown(reader, scope, wantedBy(cut, selected, partitionings), partitionings)
  return { plan: planPartitions({ ...base, partitionings, selected, known }), selected, known }
}

function tooMany(all: number, most: number): TraitlineError {
  return new TraitlineError({
    code: 'PARTITIONS_TOO_MANY',
    message: `the run is asked for ${all} partitions, and one run makes at most ${most}`,
    hint: 'Cut them into many runs with a backfill: traitline backfill start <selection> --partitions <which>',
    blame: 'user',
  })
}

/** The selected partitions, and those that they read. */
function wantedBy(
  specs: readonly AssetSpec[],
  selected: ReadonlyMap<AssetKey, PartitionSet>,
  partitionings: Partitionings,
): ReadonlyMap<AssetKey, ReadonlySet<number>> {
  const wanted = new Map<AssetKey, Set<number>>()
  const want = (key: AssetKey, set: PartitionSet): void => {
    const numbers = wanted.get(key) ?? new Set()
    for (const n of numbersIn(set)) numbers.add(n)
    wanted.set(key, numbers)
  }
  for (const spec of specs) {
    const own = selected.get(spec.key) ?? []
    want(spec.key, own)
    if (spec.mappings === undefined) continue
    for (const n of numbersIn(own)) for (const [dep, { set }] of partitionsRead(spec, n, partitionings)) want(dep, set)
  }
  return wanted
}

async function readKnown(
  reader: Pick<PartitionReader, 'states'>,
  scope: Scope,
  wanted: ReadonlyMap<AssetKey, ReadonlySet<number>>,
  partitionings: Partitionings,
): Promise<KnownPartitions> {
  const known = new Map<AssetKey, ReadonlyMap<string, AssetState>>()
  for (const [key, numbers] of wanted) {
    const partitioning = partitionings(key)!
    known.set(
      key,
      await reader.states(
        scope,
        key,
        [...numbers].map((n) => partitioning.keyOf(n)),
      ),
    )
  }
  return (key) => known.get(key)
}
