import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
} from '@temporalio/workflow'
import {
  longestDelayMs,
  type CheckActivities,
  type LaunchActivities,
  type LeaseActivities,
  type RecordActivities,
  type RetryPolicy,
  type WarehouseActivities,
  type WatchActivities,
} from '../orchestrator/contract/index.ts'

/**
 * Planning and the record: short, so local. They outlast an hour without a database; what cannot be mended by
 * waiting says so itself.
 */
const short = {
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '10s' },
} as const

export const record = proxyLocalActivities<RecordActivities>(short)

export const leases = proxyLocalActivities<LeaseActivities>(short)
export const watch = proxyLocalActivities<WatchActivities>(short)

/** Waiting for another run has no end but cancellation: each wait of a day is followed by the next. */
export const launch = proxyActivities<LaunchActivities>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
})

/**
 * The work itself, on the queue of the warehouse's owner. No limit on waiting in that queue: its owner may be busy.
 * Work beats every second, so a worker that was killed is missed soon, and one that is merely slow is not.
 */
export function warehouse(taskQueue: string, retry?: RetryPolicy): WarehouseActivities {
  return proxyActivities<WarehouseActivities>(long(taskQueue, retry))
}

/** Checks without materialising are long work too. */
export function checks(taskQueue: string): CheckActivities {
  return proxyActivities<CheckActivities>(long(taskQueue))
}

function long(taskQueue: string, retry?: RetryPolicy): ActivityOptions {
  return {
    taskQueue,
    startToCloseTimeout: '6 hours',
    heartbeatTimeout: '15s',
    retry: retry === undefined ? usualRetry : asked(retry),
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }
}

const usualRetry = { maximumAttempts: 3, initialInterval: '2s', backoffCoefficient: 2 } as const

/** Temporal knows no jitter: attempts that fail say themselves when the next one is due. */
function asked({ attempts, delaySeconds, backoff }: RetryPolicy): ActivityOptions['retry'] {
  return {
    maximumAttempts: attempts,
    initialInterval: Math.max(1, delaySeconds * 1_000),
    backoffCoefficient: backoff,
    maximumInterval: longestDelayMs,
  }
}

/**
 * The same for a step that took little time lately: done by the worker that has the workflow, which then has to be
 * on the warehouse's queue. Nobody notices a worker that was killed before Temporal misses the workflow's own task.
 */
export const quickWarehouse = proxyLocalActivities<WarehouseActivities>({
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 3, initialInterval: '1s', backoffCoefficient: 2 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
})
