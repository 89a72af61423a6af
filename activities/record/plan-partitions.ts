import type { RunInput, RunPlan } from '../../orchestrator/contract/index.ts'
import { planSelected, type PlanRunInput } from '../../orchestrator/plan/index.ts'
import type { RunRow, Store } from '../../orchestrator/store/store.ts'
import { openPartitionings, type ManifestIndex } from '../runtime/index.ts'

/** One run plans, runs and tells of each by itself; more are for a backfill. */
const mostPartitions = 20_000

/** Plans a run of which some targets have partitions. */
export async function planWithPartitions(
  { partitions }: Pick<Store, 'partitions'>,
  input: RunInput,
  run: RunRow,
  index: ManifestIndex,
  base: PlanRunInput,
): Promise<RunPlan> {
  const targets = run.targets.map((key) => index.asset(key))
  const partitionings = await openPartitionings(partitions, input, index.manifest, targets)
  const asked = { scope: input, targets, partitionings, selection: run.partitions, most: mostPartitions }
  return (await planSelected(partitions, asked, base)).plan
}
