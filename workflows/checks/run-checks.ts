import { CancellationScope } from '@temporalio/workflow'
import {
  addCheckCounts,
  noCheckCounts,
  type CheckCounts,
  type CheckRunInput,
} from '../../orchestrator/contract/index.ts'
import { checks, watch } from '../activities.ts'
import { failureOf } from '../step/failure.ts'

/** Assets checked in one activity: so 10,000 of them are a history of some thousand events. */
const batch = 20

/** Evaluates the checks of assets as they are, without materialising them. */
export async function runChecks(input: CheckRunInput): Promise<CheckCounts> {
  const { environment, project, run } = input
  const finish = (status: 'passed' | 'failed' | 'cancelled', failure: ReturnType<typeof failureOf>): Promise<void> =>
    CancellationScope.nonCancellable(() =>
      watch.finishChecks({ environment, project, run, status, counts: counts.total, failure }),
    )
  const counts = { total: noCheckCounts }
  try {
    await CancellationScope.cancellable(() => checkAll(input, counts))
  } catch (error) {
    const failure = failureOf(error)
    await finish(failure === null ? 'cancelled' : 'failed', failure)
    throw error
  }
  await finish(counts.total.failed > 0 ? 'failed' : 'passed', null)
  return counts.total
}

/** A few batches at a time; what has been counted when one of them fails is kept. */
async function checkAll(input: CheckRunInput, counts: { total: CheckCounts }): Promise<void> {
  const { checkAssets } = checks(input.warehouseQueue)
  let next = 0
  const work = async (): Promise<void> => {
    while (next < input.assets.length) {
      const assets = input.assets.slice(next, next + batch)
      next += batch
      const found = await checkAssets({ ...input, assets })
      counts.total = addCheckCounts(counts.total, found)
    }
  }
  await Promise.all(Array.from({ length: input.concurrency }, work))
}
