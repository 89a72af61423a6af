import { ActivityFailure, ApplicationFailure, WorkflowFailedError, type Client } from '@temporalio/client'
import { TimeoutFailure } from '@temporalio/common'
import {
  dryRunWorkflowId,
  dryRunWorkflowType,
  TraitlineError,
  type AssetKey,
  type Failure,
  type PreviewRequest,
  type RejectsRequest,
  type Scope,
  type SyncDryRun,
  type SyncDryRunInput,
  type SyncPreview,
  type SyncRejects,
} from '../contract/index.ts'
import { seal } from '../store/seal.ts'
import type { Store } from '../store/store.ts'
import { newRunId } from './run-id.ts'

export interface AskDryRun {
  readonly scope: Scope
  readonly revision: number
  readonly sync: AssetKey
  readonly warehouseQueue: string
  readonly samples: number
  readonly publicKey?: string
  /** How long it may take, the wait for a worker included. */
  readonly timeoutMs: number
}

export interface DryRunAnswer {
  readonly answer: SyncDryRun
  /** The samples with their values, for whoever has the private key. */
  readonly sealed: string | null
}

/** Asks a worker what a sync would do, and waits for it. Throws what the worker threw, or DRY_RUN_TIMEOUT. */
export async function askDryRun(
  client: Client,
  store: Pick<Store, 'results'>,
  { samples, ...asked }: AskDryRun,
): Promise<DryRunAnswer> {
  const { answer, sealed } = await ask(client, store, asked, { samples })
  return { answer: answer as SyncDryRun, sealed }
}

export interface AskPreview extends Omit<AskDryRun, 'samples'> {
  readonly preview: PreviewRequest
}

export interface PreviewAnswer {
  readonly answer: SyncPreview
  /** The rows with their values, for whoever has the private key. */
  readonly sealed: string | null
}

/** Asks a worker for rows as they would be sent, and waits for them. */
export async function askPreview(
  client: Client,
  store: Pick<Store, 'results'>,
  { preview, ...asked }: AskPreview,
): Promise<PreviewAnswer> {
  const { answer, sealed } = await ask(client, store, asked, { samples: 0, preview })
  return { answer: answer as SyncPreview, sealed }
}

export interface AskRejects extends Omit<AskDryRun, 'samples'> {
  readonly rejects: RejectsRequest
}

export interface RejectsAnswer {
  readonly answer: SyncRejects
  /** The rows with their keys, for whoever has the private key. */
  readonly sealed: string | null
}

/** Asks a worker for the rows that the destination did not take. */
export async function askRejects(
  client: Client,
  store: Pick<Store, 'results'>,
  { rejects, ...asked }: AskRejects,
): Promise<RejectsAnswer> {
  const { answer, sealed } = await ask(client, store, asked, { samples: 0, rejects })
  return { answer: answer as SyncRejects, sealed }
}

/**
 * Seals a row's key for the worker, and keeps it for as long as answers are kept. Answers the id by which a run names
 * it: the key itself is neither in the record nor in a history.
 */
export async function sealRow(
  client: Client,
  store: Pick<Store, 'results'>,
  { row, ...asked }: Omit<AskDryRun, 'samples' | 'publicKey'> & { readonly row: string },
): Promise<string> {
  const { answer } = await ask(client, store, asked, { samples: 0, sealing: true })
  const id = newRunId()
  await store.results.put(id, { answer: {}, sealed: seal(row, (answer as { readonly publicKey: string }).publicKey) })
  return id
}

function titleOf({ preview, rejects, sealing }: Pick<SyncDryRunInput, 'preview' | 'rejects' | 'sealing'>): string {
  if (preview !== undefined) return 'Preview'
  if (rejects !== undefined) return 'Rejected rows'
  return sealing === true ? 'Sealing key' : 'Dry run'
}

async function ask(
  client: Client,
  store: Pick<Store, 'results'>,
  { scope, revision, sync, warehouseQueue, publicKey, timeoutMs }: Omit<AskDryRun, 'samples'>,
  question: Pick<SyncDryRunInput, 'samples' | 'preview' | 'rejects' | 'sealing'>,
): Promise<{ readonly answer: unknown; readonly sealed: string | null }> {
  const id = newRunId()
  const { environment, project } = scope
  const input: SyncDryRunInput = {
    ...{ environment, project, id, revision, sync, warehouseQueue, ...question },
    ...(publicKey !== undefined && { publicKey }),
  }
  await client.workflow
    .execute(dryRunWorkflowType, {
      workflowId: dryRunWorkflowId(scope, id),
      taskQueue: warehouseQueue,
      args: [input],
      workflowExecutionTimeout: timeoutMs,
      staticSummary: `${titleOf(question)} of ${sync}`,
    })
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error
      throw failureIn(error) ?? (error.cause instanceof TimeoutFailure ? timedOut(sync, timeoutMs) : error)
    })
  const found = await store.results.get(id)
  if (found === null) throw timedOut(sync, timeoutMs)
  return found
}

/** Ours, as the activity threw it. */
function failureIn({ cause }: WorkflowFailedError): TraitlineError | null {
  const root = cause instanceof ActivityFailure ? cause.cause : cause
  const failure = root instanceof ApplicationFailure ? (root.details?.[0] as Partial<Failure> | undefined) : undefined
  const { code, message, hint, blame } = failure ?? {}
  if (code === undefined || message === undefined || hint === undefined || blame === undefined) return null
  return new TraitlineError({ code, message, hint, blame })
}

function timedOut(sync: string, timeoutMs: number): TraitlineError {
  return new TraitlineError({
    code: 'DRY_RUN_TIMEOUT',
    message: `the dry run of ${sync} was not answered within ${timeoutMs / 1_000} s`,
    hint: 'See whether a worker runs (traitline doctor), and whether the warehouse is busy (traitline runs).',
    blame: 'system',
  })
}
