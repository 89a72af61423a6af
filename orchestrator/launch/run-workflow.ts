import { ApplicationFailure, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client'
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client'
import type { Failure, RunResult } from '../contract/index.ts'

/** What Temporal knows of a run's workflow. */
export type RunWorkflow =
  | { readonly state: 'running' }
  | { readonly state: 'completed'; readonly result: RunResult }
  | { readonly state: 'failed'; readonly failure: Failure | null }
  | { readonly state: 'cancelled' | 'terminated' | 'timed_out' }
  /** Never started, or ended so long ago that Temporal has forgotten it. */
  | { readonly state: 'gone' }

const states: Readonly<Record<WorkflowExecutionStatusName, RunWorkflow['state']>> = {
  RUNNING: 'running',
  CONTINUED_AS_NEW: 'running',
  PAUSED: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed_out',
  UNSPECIFIED: 'running',
  UNKNOWN: 'running',
}

export async function describeWorkflow(client: Client, workflowId: string): Promise<RunWorkflow> {
  const handle = client.workflow.getHandle(workflowId)
  try {
    const { status } = await handle.describe()
    const state = states[status.name]
    if (state === 'completed') return { state, result: (await handle.result()) as RunResult }
    if (state === 'failed') return { state, failure: await handle.result().then(() => null, failureIn) }
    return { state }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { state: 'gone' }
    throw error
  }
}

/** The workflow's failure carries ours as its first detail. */
function failureIn(error: unknown): Failure | null {
  if (!(error instanceof WorkflowFailedError)) throw error
  const { cause } = error
  const detail = cause instanceof ApplicationFailure ? (cause.details?.[0] as Partial<Failure> | undefined) : undefined
  return typeof detail?.code === 'string' && typeof detail.message === 'string' ? (detail as Failure) : null
}
