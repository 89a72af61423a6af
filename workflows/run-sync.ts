import { CancellationScope, isCancellation } from '@temporalio/workflow'
import type { AssetOutcome, StepInput, StepOutcome, WarehouseActivities } from '../orchestrator/contract/index.ts'
import { record } from './activities.ts'
import { failureOf } from './step/failure.ts'
import { materialize } from './step/materialize.ts'

/** Sends what changed: freezes the difference, sends it, and settles what the destination acknowledged. */
export function runSync(input: StepInput): Promise<StepOutcome> {
  return materialize(input, (activities) => sync(input, activities))
}

async function sync(input: StepInput, { freezeSync, sendSync, settleSync }: WarehouseActivities): Promise<StepOutcome> {
  const frozen = await freezeSync(input)
  if (frozen.fresh) return recordFresh(input)
  try {
    await sendSync({ ...input, frozen })
  } catch (error) {
    // A cancelled sync ends at once: the next one settles what this one sent before it looks for differences.
    if (isCancellation(error)) throw error
    await CancellationScope.nonCancellable(() => settleSync({ ...input, frozen, failure: failureOf(error) })).catch(
      // Sending is what failed: the record shall say so, and the next sync settles.
      () => undefined,
    )
    throw error
  }
  return settleSync({ ...input, frozen, failure: null })
}

async function recordFresh(input: StepInput): Promise<StepOutcome> {
  const { environment, project, run } = input
  const fresh = input.step.assets.map((asset) => ({ asset: asset.key, status: 'fresh' as const }))
  // An attempt may have recorded something else and then been lost. Histories of before it was told have no answer.
  const others = (await record.recordOutcomes({ environment, project, run, outcomes: fresh })) as
    readonly AssetOutcome[] | undefined
  return { assets: fresh.map((outcome) => others?.find(({ asset }) => asset === outcome.asset) ?? outcome) }
}
