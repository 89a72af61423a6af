import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { join } from 'node:path'
import {
  kindOf,
  projectQueue,
  queryNames,
  runWorkflowId,
  stepWorkflows,
  type AssetKey,
  type PlanStep,
  type RunInput,
  type RunProgress,
  type RunResult,
} from '../../orchestrator/contract/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { temporalAddress } from '../harness/temporal.ts'
import { stubAutomation } from './stub-automation.ts'
import { stubBackfill } from './stub-backfill.ts'
import { Recorded, stubActivities, type Story } from './stub-activities.ts'

export interface Act {
  readonly input: RunInput
  readonly recorded: Recorded
  readonly handle: WorkflowHandleWithFirstExecutionRunId<(input: RunInput) => Promise<RunResult>>
  progress(): Promise<RunProgress>
  /** Starts a second run of the same story, beside the first. */
  again(): Promise<Act>
}

/** A real Temporal with real workers, and stub activities. One stage a test file: bundling takes a second. */
export interface Stage {
  readonly client: Client
  readonly bundle: WorkflowBundle
  /** Starts a run; `meanwhile` runs while the workers do, and its end is the play's. */
  play<T>(story: Story, meanwhile: (act: Act) => Promise<T>, options?: PlayOptions): Promise<T>
  close(): Promise<void>
}

export interface PlayOptions {
  readonly concurrency?: number
  /** Of which the run needs a slot. */
  readonly pools?: readonly string[]
}

let count = 0

export async function openStage(workflows = 'workflows/index.ts'): Promise<Stage> {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } })
  const [bundle, connection, native] = await Promise.all([
    bundleWorkflowCode({ workflowsPath: join(packageRoot(), workflows), logger: quiet }),
    Connection.connect({ address: temporalAddress() }),
    NativeConnection.connect({ address: temporalAddress() }),
  ])
  const client = new Client({ connection })
  return {
    client,
    bundle,
    play: (story, meanwhile, options) => play({ client, native, bundle }, story, meanwhile, options),
    async close() {
      await connection.close()
      await native.close()
    },
  }
}

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }

async function play<T>(
  on: { readonly client: Client; readonly native: NativeConnection; readonly bundle: WorkflowBundle },
  story: Story,
  meanwhile: (act: Act) => Promise<T>,
  options: PlayOptions = {},
): Promise<T> {
  const name = `${process.pid}_${Date.now().toString(36)}_${count++}`
  const scope = { environment: 'test', project: `p${name}` }
  const input: RunInput = {
    ...scope,
    run: `run_${name}`,
    revision: 1,
    warehouseQueue: `warehouse/${name}`,
    concurrency: options.concurrency ?? 10,
    ...(options.pools !== undefined && { pools: options.pools }),
  }
  const recorded = new Recorded()
  const activities = {
    ...stubActivities(story, recorded, on.client),
    ...stubAutomation(story, recorded, on.client),
    ...stubBackfill(recorded),
  }
  const common = { connection: on.native, namespace: 'default', activities, maxHeartbeatThrottleInterval: 100 }
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: projectQueue(scope), workflowBundle: on.bundle }),
    Worker.create({ ...common, taskQueue: input.warehouseQueue, workflowBundle: on.bundle }),
  ])
  const running = Promise.all(workers.map((worker) => worker.run()))
  const start = async (run: string): Promise<Act> => {
    const handle = await on.client.workflow.start<(input: RunInput) => Promise<RunResult>>('run', {
      workflowId: runWorkflowId(scope, run),
      taskQueue: projectQueue(scope),
      args: [{ ...input, run }],
    })
    return {
      input: { ...input, run },
      recorded,
      handle,
      progress: () => handle.query<RunProgress, []>(queryNames.progress),
      again: () => start(`${run}_again`),
    }
  }
  try {
    return await meanwhile(await start(input.run))
  } finally {
    for (const worker of workers) worker.shutdown()
    await running
  }
}

/** A step of one asset, or of several where `id` is not an asset's key. */
export function step(
  id: string,
  after: readonly string[] = [],
  assets: Readonly<Record<string, string[]>> = {},
): PlanStep {
  const planned = Object.keys(assets).length === 0 ? { [id]: after } : assets
  const keys = Object.keys(planned) as AssetKey[]
  return {
    id,
    workflow: stepWorkflows[kindOf(keys[0] as AssetKey)],
    after,
    assets: keys.map((key) => ({
      key,
      reasons: [{ type: 'never_materialized' }],
      deps: (planned[key] ?? []) as AssetKey[],
    })),
  }
}
