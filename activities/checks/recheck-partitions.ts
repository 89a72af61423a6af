import {
  addCheckCounts,
  countChecks,
  noCheckCounts,
  type AssetKey,
  type CheckCounts,
} from '../../orchestrator/contract/index.ts'
import {
  numbersIn,
  setOf,
  type MappedPartitions,
  type Partitioning,
  type PartitionSet,
} from '../../orchestrator/graph/index.ts'
import { partitionsRead, selectedOf } from '../../orchestrator/plan/index.ts'
import type { CheckedPartition } from '../../orchestrator/store/store.ts'
import { openPartitionings } from '../runtime/index.ts'
import type { CheckRunDeps } from './deps.ts'
import { evaluateChecks } from './evaluate.ts'
import { isWrittenByOthers } from '../materialize/partitions/reads.ts'
import { partToCheck } from './partition.ts'
import { known, type Materialized } from './recheck.ts'

/** Looked up at once. */
const page = 500

/** Most partitions that fail a check now and are looked at again unless others are asked for. */
const mostFailing = 10_000

/** Evaluates the checks of those partitions that are there, one by one; see `checkMaterialized`. */
export async function checkPartitions(
  deps: CheckRunDeps,
  looked: Materialized,
  selection: string | null,
): Promise<CheckCounts> {
  const { scope, spec, manifest } = looked
  const { checks, partitions } = deps.store
  const partitionings = await openPartitionings(partitions, scope, manifest.manifest, [spec], deps.clock)
  const partitioning = partitionings(spec.key) as Partitioning
  const numbers = [...numbersIn(await askedFor(deps, looked, selection, partitioning))]
  let counts: CheckCounts = noCheckCounts
  for (let from = 0; from < numbers.length; from += page) {
    const keys = numbers.slice(from, from + page).map((n) => partitioning.keyOf(n))
    for (const there of await checks.ofPartitions(scope, spec.key, keys)) {
      const n = partitioning.numberOf(there.partition)
      const reads = partitionsRead(spec, n, partitionings)
      const part = { n, reads, partitionings, partitioning }
      counts = addCheckCounts(counts, await checkOne(deps, looked, part, there))
    }
  }
  const none = counts.passed + counts.warned + counts.failed === 0
  return none ? { ...counts, skipped: 1 } : counts
}

/** The latest, and those that hold something up; or did when a lost attempt began with them. */
async function askedFor(
  { store }: CheckRunDeps,
  { scope, run, spec }: Materialized,
  selection: string | null,
  partitioning: Partitioning,
): Promise<PartitionSet> {
  const selected = await selectedOf(store.partitions, scope, spec, selection, partitioning)
  if (selection !== null) return selected
  const [failing, begun] = await Promise.all([
    store.partitions.failing(scope, spec.key, mostFailing),
    store.checks.partitionsChecked(scope, spec.key, run),
  ])
  const keys = [...failing.map(({ partition }) => partition), ...begun]
  const numbers = keys.map((key) => partitioning.numberOf(key)).filter((n) => n >= 0)
  return setOf([...numbersIn(selected), ...numbers])
}

interface Part {
  readonly n: number
  readonly reads: ReadonlyMap<AssetKey, MappedPartitions>
  readonly partitionings: (key: AssetKey) => Partitioning | null
  readonly partitioning: Partitioning
}

async function checkOne(
  deps: CheckRunDeps,
  { scope, run, spec, manifest, accept, signal }: Materialized,
  { n, reads, partitionings, partitioning }: Part,
  { partition, madeRun, rows, failedChecks }: CheckedPartition,
): Promise<CheckCounts> {
  const { environment, project } = scope
  const place = { scope: { environment, project }, spec, manifest }
  const view = partitioning.view(n)
  const part = partToCheck(deps, { ...place, partitionings, partition, view, reads, madeBy: madeRun })
  const counted = spec.kind === 'model' && !isWrittenByOthers(spec) ? null : rows
  const results = await evaluateChecks(deps, {
    ...{ ...place, part, accept, signal, rows: counted, counts: {}, materialization: null },
  })
  const gone = failedChecks.filter((name) => !known(spec).has(name))
  const of = { scope: place.scope, run, asset: spec.key, partition, madeRun }
  // Made anew in the meantime: whoever did that has checked it.
  const recorded = await deps.store.checks.recordPartition({ ...of, results, gone })
  return recorded ? countChecks(results) : noCheckCounts
}
