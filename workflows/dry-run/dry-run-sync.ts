import { proxyActivities } from '@temporalio/workflow'
import type { DryRunActivities, SyncDryRunInput } from '../../orchestrator/contract/index.ts'

/** Tells what a sync would do. Whoever asks waits: it is tried once. */
export async function dryRunSync(input: SyncDryRunInput): Promise<void> {
  const { dryRunSync: work } = proxyActivities<DryRunActivities>({
    taskQueue: input.warehouseQueue,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '15s',
    retry: { maximumAttempts: 1 },
  })
  await work(input)
}
