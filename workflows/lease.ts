import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import {
  defaultPriority,
  leaseGranted,
  type LeaseOwner,
  type LeaseRequest,
  type RunInput,
  type StepInput,
} from '../orchestrator/contract/index.ts'
import { leases } from './activities.ts'

const granted = defineSignal<[execution: string]>(leaseGranted)

/** A signal tells that the wait is over. It may be lost with whoever sent it: then these, in milliseconds, end it. */
const shortestWait = 5_000
const longestWait = 120_000

/** The slots that this workflow needs. Where it needs none, nothing of this leaves a trace in its history. */
export interface Lease {
  /** Waits until all of its slots are free, and takes them. */
  acquire(): Promise<void>
  /** Gives them back, or the place in the queue; also when the workflow was cancelled. */
  release(): Promise<void>
}

const none: Lease = { acquire: async () => undefined, release: async () => undefined }

export function leaseOf(input: RunInput | StepInput): Lease {
  const step = 'step' in input ? input.step : null
  const pools = 'step' in input ? input.step.pools : input.pools
  if (pools === undefined || pools.length === 0) return none
  const { workflowId, firstExecutionRunId: execution, priority } = workflowInfo()
  const { environment, project, run } = input
  const owner: LeaseOwner = { environment, workflowId, execution }
  const request: Omit<LeaseRequest, 'reclaim'> = {
    ...owner,
    ...{ project, run, step: step?.id ?? null, pools, priority: priority?.priorityKey ?? defaultPriority },
  }
  let isGranted = false
  // Another execution of the same id may have been meant.
  setHandler(granted, (meant) => {
    if (meant === execution) isGranted = true
  })
  return {
    async acquire() {
      for (let wait = shortestWait; !isGranted; wait = Math.min(2 * wait, longestWait)) {
        if ((await leases.acquireLease({ ...request, reclaim: wait > shortestWait })).granted) return
        await condition(() => isGranted, wait)
        // Its place in the queue is its first execution's.
        if (!isGranted && workflowInfo().continueAsNewSuggested) await continueAsNew(input)
      }
    },
    release: () => CancellationScope.nonCancellable(() => leases.releaseLease(owner)),
  }
}
