import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import {
  checkRunConfig,
  defaultPriority,
  isExternal,
  poolsOfRun,
  runWorkflowId,
  runWorkflowType,
  TraitlineError,
} from '../contract/index.ts'
import type { AssetKey, Manifest, RunConfig, RunInput, Scope, SyncRunOptions } from '../contract/index.ts'
import type { RunRow, Store } from '../store/store.ts'
import { wakeQuietly } from './automation.ts'
import { cancelChecks, startChecks, type StartChecks, type StartedChecks } from './check-runs.ts'
import { isUncertain, temporalError } from './errors.ts'
import { wakeFreshness } from './freshness.ts'
import {
  askDryRun,
  askPreview,
  askRejects,
  sealRow,
  type AskRejects,
  type RejectsAnswer,
  type AskDryRun,
  type AskPreview,
  type DryRunAnswer,
  type PreviewAnswer,
} from './dry-run.ts'
import { createLeaseKeeper } from './leases.ts'
import { describeWorkflow } from './run-workflow.ts'
import type { RunWorkflow } from './run-workflow.ts'
import { reconcileRun, reconcileRuns } from './reconcile.ts'
import { newRunId } from './run-id.ts'

export interface StartRun {
  readonly scope: Scope
  /** The revision's number, and its manifest. */
  readonly revision: number
  readonly manifest: Manifest
  /** As it was written; `targets` is what it selects. */
  readonly selection: string
  readonly targets: readonly AssetKey[]
  readonly force: boolean
  /** Steps under way at once. */
  readonly concurrency: number
  readonly warehouseQueue: string
  /** Made here unless given; the same one again starts nothing new. */
  readonly run?: string
  readonly tags?: Readonly<Record<string, string>>
  /** From 1, which goes first, to 5; 3 unless told. */
  readonly priority?: number
  /** The run that this one does again. */
  readonly parent?: string
  /** Which partitions of assets that have any; the latest unless told. */
  readonly partitions?: string | null
  /** Parameters of notebooks for this run alone; those of their definitions unless told. */
  readonly config?: RunConfig | null
  /** What is asked of the one sync that it runs. */
  readonly sync?: SyncRunOptions | null
  /** Whoever asks will ask again: a run whose workflow cannot be started just now stays queued. */
  readonly patient?: boolean
}

export interface StartedRun {
  readonly run: string
  readonly workflowId: string
}

export interface RunDescription {
  /** Null if the run is not in the record. */
  readonly row: RunRow | null
  readonly workflow: RunWorkflow
}

export interface Launcher {
  /** Records the run, then starts its workflow. If that cannot be started, the run ends as failed, and says why. */
  startRun(input: StartRun): Promise<StartedRun>
  /** Asks the run's workflow to stop; it ends its steps first. A run without a workflow ends here. */
  cancelRun(scope: Scope, run: string): Promise<void>
  describeRun(scope: Scope, run: string): Promise<RunDescription>
  /** Waits until the run has ended, however it ends. */
  waitForRun(scope: Scope, run: string, signal?: AbortSignal): Promise<RunRow>
  /** Whether a worker has asked for work on a task queue within the last minutes. */
  hasWorker(taskQueue: string): Promise<boolean>
  /** An operator's limit of a pool, null for none; whoever may go on then does at once. */
  setPoolLimit(environment: string, pool: string, slots: number | null): Promise<void>
  /** Checks what is materialised, without materialising. Throws CHECKS_NONE if nothing selected has a check. */
  startChecks(input: StartChecks): Promise<StartedChecks>
  cancelChecks(scope: Scope, run: string): Promise<void>
  /** Asks a worker what a sync would do, and waits for the answer. Nothing is sent, and nothing changed. */
  dryRunSync(input: AskDryRun): Promise<DryRunAnswer>
  /** Asks a worker for rows of a sync as they would be sent. */
  previewSync(input: AskPreview): Promise<PreviewAnswer>
  /** Asks a worker for the rows that a sync's destination did not take. */
  syncRejects(input: AskRejects): Promise<RejectsAnswer>
  /** Seals the key of one row for `SyncRunOptions.sealedRow`. */
  sealRow(input: Parameters<typeof sealRow>[2]): Promise<string>
  /** Has the freshness of a project’s assets judged now. */
  wakeFreshness(scope: Scope): Promise<void>
  /** Ends the record of runs whose workflow is gone or has ended without a word. Answers how many. */
  reconcileRuns(): Promise<number>
}

const callTimeoutMs = 10_000

/**
 * Starts, watches and cancels runs.
 *
 * @example
 * const { run } = await launcher.startRun({ scope, revision, manifest, selection: '*', targets, ... })
 * const { status, counts } = await launcher.waitForRun(scope, run)
 */
export function createLauncher({ client, store }: { readonly client: Client; readonly store: Store }): Launcher {
  const name = { address: addressOf(client), namespace: client.options.namespace }

  /** One call to Temporal: bounded, its errors ours. */
  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await client.withDeadline(Date.now() + callTimeoutMs, work)
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) throw error
      throw temporalError(error, name)
    }
  }

  const describe = (scope: Scope, run: string): Promise<RunWorkflow> =>
    call(() => describeWorkflow(client, runWorkflowId(scope, run)))

  async function start(input: StartRun, run: string): Promise<void> {
    const { scope, revision, manifest, selection, targets, concurrency, warehouseQueue, priority } = input
    const { environment, project } = scope
    const pools = [...(await store.leases.limited(environment, poolsOfRun(scope, input.tags ?? {})))]
    const args: [RunInput] = [
      { environment, project, run, revision, warehouseQueue, concurrency, ...(pools.length > 0 && { pools }) },
    ]
    try {
      await client.withDeadline(Date.now() + callTimeoutMs, () =>
        client.workflow.start(runWorkflowType, {
          workflowId: runWorkflowId(scope, run),
          // Only the warehouse's owner can tell what is in it.
          taskQueue: warehouseQueue,
          args,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          // Its steps and their activities inherit both.
          priority: { priorityKey: priority ?? defaultPriority, fairnessKey: fairnessKey(project) },
          staticSummary: `Materialise ${shortened(selection)}`,
          staticDetails: `${targets.length} of ${manifest.assets.length} assets of project ${project} (${environment}), revision ${revision}`,
          memo: { project, environment, revision, selection: shortened(selection), force: input.force },
        }),
      )
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return
      // The answer may be lost, not the request.
      if (isUncertain(error) && (await describe(scope, run).catch(() => null))?.state === 'running') return
      throw temporalError(error, name)
    }
  }

  return {
    async startRun(input) {
      const { scope, revision, selection, targets, force, tags, priority, parent, partitions, config, sync } = input
      assertKnown(input)
      assertSome(input)
      if (config) checkRunConfig(config, input.manifest.assets, targets)
      const run = input.run ?? newRunId()
      const asked = { selection, targets, force, tags, priority, parent, partitions, config, sync }
      await store.runs.create({ scope, run, revision, ...asked })
      try {
        await start(input, run)
      } catch (error) {
        if (input.patient === true) throw error
        const { code, message, hint, blame } = temporalError(error, name)
        await store.runs.finish(run, 'failed', { code, message, hint, blame })
        throw error
      }
      return { run, workflowId: runWorkflowId(scope, run) }
    },

    async cancelRun(scope, run) {
      try {
        await call(() => client.workflow.getHandle(runWorkflowId(scope, run)).cancel())
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
        const row = await store.runs.get(run)
        if (row && row.endedAt === null) {
          await store.runs.finish(run, 'cancelled', null)
          await wakeQuietly(client, scope)
        }
      }
    },

    async describeRun(scope, run) {
      const [row, workflow] = await Promise.all([store.runs.get(run), describe(scope, run)])
      return { row, workflow }
    },

    async waitForRun(scope, run, signal) {
      const handle = client.workflow.getHandle(runWorkflowId(scope, run))
      const wait = (): Promise<unknown> => handle.result()
      try {
        await (signal ? client.withAbortSignal(signal, wait) : wait())
      } catch (error) {
        signal?.throwIfAborted()
        // Other ends than a good one are told by the record.
        if (isUncertain(error)) throw temporalError(error, name)
      }
      const row = await store.runs.get(run)
      if (row && row.endedAt === null) await reconcileRun(store, row, await describe(scope, run))
      const ended = await store.runs.get(run)
      if (!ended) throw unknownRun(run)
      return ended
    },

    async hasWorker(taskQueue) {
      const { pollers } = await call(() =>
        client.workflowService.describeTaskQueue({
          namespace: client.options.namespace,
          taskQueue: { name: taskQueue },
          taskQueueType: 1,
        }),
      )
      return (pollers ?? []).length > 0
    },

    setPoolLimit: (environment, pool, slots) =>
      createLeaseKeeper({ client, leases: store.leases }).setLimit(environment, pool, slots),
    startChecks: (input) => startChecks({ client, name, timeoutMs: callTimeoutMs }, store, input),
    cancelChecks: (scope, run) => cancelChecks({ client, name, timeoutMs: callTimeoutMs }, store, scope, run),
    dryRunSync: (input) =>
      askDryRun(client, store, input).catch((error: unknown) => {
        throw temporalError(error, name)
      }),
    previewSync: (input) =>
      askPreview(client, store, input).catch((error: unknown) => {
        throw temporalError(error, name)
      }),
    syncRejects: (input) =>
      askRejects(client, store, input).catch((error: unknown) => {
        throw temporalError(error, name)
      }),
    sealRow: (input) =>
      sealRow(client, store, input).catch((error: unknown) => {
        throw temporalError(error, name)
      }),
    wakeFreshness: (scope) => call(() => wakeFreshness(client, scope, callTimeoutMs)),

    reconcileRuns: async () => {
      const ended = await reconcileRuns(store, (row) => describe(row, row.run))
      if (ended > 0) for (const scope of await store.revisions.scopes()) await wakeQuietly(client, scope)
      return ended
    },
  }
}

function assertKnown({ targets, manifest, revision }: StartRun): void {
  const known = new Set(manifest.assets.map(({ key }) => key))
  const unknown = targets.filter((key) => !known.has(key))
  if (unknown.length === 0) return
  throw new TraitlineError({
    code: 'ASSET_UNKNOWN',
    message: `revision ${revision} of ${manifest.project} has no ${unknown.slice(0, 3).join(', ')}`,
    hint: 'Deploy the project again with `traitline deploy`, or correct the selection.',
    blame: 'user',
  })
}

/** Terms that all match may still leave nothing together; a project without assets has nothing to name. */
function assertSome({ targets, manifest, selection }: StartRun): void {
  const external = new Set(manifest.assets.filter(isExternal).map(({ key }) => key))
  if (targets.length > 0 && targets.every((key) => external.has(key))) {
    throw new TraitlineError({
      code: 'SELECTION_EXTERNAL',
      message: `the selection "${selection}" leaves only what others materialise: ${targets.slice(0, 3).join(', ')}`,
      hint: `They report it: traitline report ${targets[0]}. To run what reads it, select ${targets[0]}+`,
      blame: 'user',
    })
  }
  if (targets.length > 0 || manifest.assets.length === 0) return
  throw new TraitlineError({
    code: 'SELECTION_EMPTY',
    message: `the selection "${selection}" leaves no asset of ${manifest.project}`,
    hint: 'See what its parts select with `traitline list`.',
    blame: 'user',
  })
}

function unknownRun(run: string): TraitlineError {
  return new TraitlineError({
    code: 'RUN_UNKNOWN',
    message: `run ${run} is not in the record`,
    hint: 'List the runs with `traitline runs`.',
    blame: 'user',
  })
}

/** Temporal takes 64 bytes; a project's name is ASCII. */
function fairnessKey(project: string): string {
  return project.slice(0, 64)
}

/** Temporal bounds the sizes of summaries and memos; a selection may name thousands of assets. */
function shortened(selection: string): string {
  return selection.length > 120 ? `${selection.slice(0, 119)}…` : selection
}

function addressOf({ connection }: Client): string {
  const options = 'options' in connection ? (connection.options as { readonly address?: string }) : {}
  return options.address ?? 'its address'
}
