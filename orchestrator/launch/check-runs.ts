import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import {
  checkRunWorkflowId,
  checkRunWorkflowType,
  noCheckCounts,
  TraitlineError,
  type AssetKey,
  type CheckRunInput,
  type Manifest,
  type Scope,
} from '../contract/index.ts'
import type { Store } from '../store/store.ts'
import { temporalError, type TemporalName } from './errors.ts'
import { newRunId } from './run-id.ts'

export interface StartChecks {
  readonly scope: Scope
  readonly revision: number
  readonly manifest: Manifest
  /** As it was written; `targets` is what it selects. */
  readonly selection: string
  readonly targets: readonly AssetKey[]
  /** Which partitions of those that have any; for null the latest and those that fail a check now. */
  readonly partitions?: string | null
  readonly accept: boolean
  /** Batches of assets checked at once. */
  readonly concurrency: number
  readonly warehouseQueue: string
  /** Made here unless given; the same one again starts nothing new. */
  readonly run?: string
}

export interface StartedChecks {
  readonly run: string
  readonly workflowId: string
  /** Those of the targets that have something to be checked. */
  readonly targets: readonly AssetKey[]
}

interface Temporal {
  readonly client: Client
  readonly name: TemporalName
  readonly timeoutMs: number
}

/** Records a check run, then starts its workflow; if that cannot be started, the check run ends as failed. */
export async function startChecks(
  { client, name, timeoutMs }: Temporal,
  store: Pick<Store, 'assets' | 'checks'>,
  input: StartChecks,
): Promise<StartedChecks> {
  const { scope, revision, selection, partitions = null, accept, concurrency, warehouseQueue } = input
  const targets = await checkable(store, input)
  const run = input.run ?? newRunId()
  const { environment, project } = scope
  const args: [CheckRunInput] = [
    {
      ...{ environment, project, run, revision, warehouseQueue, concurrency, assets: targets, accept },
      ...(partitions !== null && { partitions }),
    },
  ]
  const workflowId = checkRunWorkflowId(scope, run)
  await store.checks.begin({ scope, run, revision, selection, targets, partitions, accept })
  try {
    await client.withDeadline(Date.now() + timeoutMs, () =>
      client.workflow.start(checkRunWorkflowType, {
        workflowId,
        taskQueue: warehouseQueue,
        args,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `Check ${selection.slice(0, 120)}`,
      }),
    )
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
      const known = temporalError(error, name)
      const { code, message, hint, blame } = known
      await store.checks.finish(scope, run, {
        ...{ status: 'failed', counts: noCheckCounts },
        failure: { code, message, hint, blame },
      })
      throw known
    }
  }
  return { run, workflowId, targets }
}

/** Asks a check run to stop; what it has recorded stays. One without a workflow ends here. */
export async function cancelChecks(
  { client, name, timeoutMs }: Temporal,
  store: Pick<Store, 'checks'>,
  scope: Scope,
  run: string,
): Promise<void> {
  try {
    const handle = client.workflow.getHandle(checkRunWorkflowId(scope, run))
    await client.withDeadline(Date.now() + timeoutMs, () => handle.cancel())
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw temporalError(error, name)
    await store.checks.finish(scope, run, { status: 'cancelled', counts: noCheckCounts, failure: null })
  }
}

/** What has checks, or is still held up by one that was taken away. */
async function checkable(
  store: Pick<Store, 'assets'>,
  { scope, manifest, targets, selection }: StartChecks,
): Promise<AssetKey[]> {
  const states = await store.assets.states(scope, targets)
  const specs = new Map(manifest.assets.map((spec) => [spec.key, spec]))
  const found = targets.filter((key) => {
    const latest = states[key]?.latest
    const held = (latest?.wholeFailedChecks ?? latest?.failedChecks ?? []).length > 0
    return held || (specs.get(key)?.checks ?? []).length > 0
  })
  if (found.length > 0) return found
  throw new TraitlineError({
    code: 'CHECKS_NONE',
    message: `no asset that "${selection}" selects has a check of its own`,
    hint: 'Give one `checks`; dbt’s tests run with their models: traitline materialize',
    blame: 'user',
  })
}
