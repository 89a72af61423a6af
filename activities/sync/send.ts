import { hostname } from 'node:os'
import {
  type FrozenSync,
  isTraitlineError,
  type Scope,
  type StepInput,
  TraitlineError,
} from '../../orchestrator/contract/index.ts'
import { readLedger } from '../../orchestrator/sql/sync-ledger.ts'
import type { SyncRunRow } from '../../orchestrator/store/store.ts'
import { openWrite } from '../../connectors/driver/index.ts'
import { type RenderedRows, rowRenderer } from './batch.ts'
import { BatchBook, type Piece, type Writer } from './book.ts'
import { closingState, configuredCatalog } from './catalog.ts'
import { type Connector, defaultIdleTimeoutMs } from './connector.ts'
import type { SyncDeps } from './deps.ts'
import { harmlessAgain, parkIntents } from './intents.ts'
import { Progress } from './progress.ts'
import type { SyncSetup } from './setup.ts'
import { hasSpool, type OrdinalRange, readBatches, readRanges, removeSpool, spoolPath, writeSpool } from './spool.ts'
import { type Outgoing, transmit } from './transmit.ts'

/** Parts that a sync run may send to find rejected rows which the destination only counts. */
const maxParts = 2_000

/** Sends what is frozen and whose fate is not known. */
export async function sendFrozen(
  deps: SyncDeps,
  input: StepInput & { readonly frozen: FrozenSync },
  setup: SyncSetup,
  connectorOf: () => Promise<Connector>,
  signal: AbortSignal,
): Promise<void> {
  const { syncs } = deps.store
  const scope: Scope = { environment: input.environment, project: input.project }
  const sync = setup.spec.key
  const run = await syncs.find(scope, input.run, sync)
  if (run === null || run.syncRun !== input.frozen.syncRun) throw notFrozen(sync)
  const epoch = await syncs.acquireWriter(scope, sync, `${hostname()}:${process.pid}`)
  const writer: Writer = { scope, sync, syncRun: run.syncRun, epoch }
  const connector = await connectorOf()
  const repeatable = connector.declaration.idempotent || harmlessAgain(setup)
  if (!repeatable) await parkIntents(syncs, writer)

  const told = (await syncs.batches(run.syncRun)).filter(({ state }) => state !== 'intent')
  if (told.length === run.batches) return
  const path = await spoolOf(deps, setup, run.syncRun, signal)
  const progress = new Progress(deps.store, {
    scope,
    run: input.run,
    step: input.step.id,
    sync,
    syncRun: run.syncRun,
    total: run.planned.added + run.planned.changed + run.planned.removed,
    // Asked again: parking has just told some.
    known: (await syncs.find(scope, input.run, sync)) ?? run,
  })
  const book = new BatchBook(syncs, writer, { repeatable, onTally: (tally) => progress.add(tally) })
  const ranges = told.toSorted((a, b) => a.firstOrdinal - b.firstOrdinal)
  try {
    await sendBatches({ deps, setup, run, connector, book, progress, path, signal }, ranges)
  } catch (error) {
    // The frozen rows are in the warehouse too: a file is not left behind for a run that may never come back.
    if (signal.aborted) await removeSpool(deps.home, run.syncRun)
    const left = repeatable || (await syncs.batches(run.syncRun)).length < run.batches
    throw left ? error : lastWord(error)
  } finally {
    await progress.end()
  }
}

/**
 * The destination failed with every batch claimed, and would not know one again: the next attempt would have nothing
 * left to send, succeed by it, and hide the failure.
 */
function lastWord(error: unknown): unknown {
  if (!isTraitlineError(error) || error.blame !== 'connector') return error
  const { code, message, hint, blame } = error
  return new TraitlineError({ code, message, hint, blame, final: true, cause: error })
}

interface Sending {
  readonly deps: SyncDeps
  readonly setup: SyncSetup
  readonly run: SyncRunRow
  readonly connector: Connector
  readonly book: BatchBook
  readonly progress: Progress
  readonly path: string
  readonly signal: AbortSignal
}

async function sendBatches(sending: Sending, told: readonly OrdinalRange[]): Promise<void> {
  const { setup, run, book, path, connector } = sending
  const render = rowRenderer(setup, run)
  await converse(sending, wholeBatches(), connector.declaration.inFlight, false)
  let parts = 0
  for (let doubtful = book.takeDoubtful(); doubtful.length > 0; doubtful = book.takeDoubtful()) {
    let next = 0
    for await (const rows of readRanges(path, doubtful)) {
      const part = doubtful[next++]
      if (part === undefined) throw new RangeError('more ranges than were asked for')
      const id = `${run.syncRun}:${part.batch}:${part.firstOrdinal}-${part.lastOrdinal}`
      const out = outgoing(part.batch, id, render(rows))
      if (++parts > maxParts) await book.giveUp(out.kept)
      else await converse(sending, once(out), 1, true)
    }
  }

  async function* wholeBatches(): AsyncGenerator<Outgoing<Piece>> {
    for await (const { batch, rows, ...range } of readBatches(path, told)) {
      const rendered = render(rows)
      if (await book.intend(batch, range, rendered)) yield outgoing(batch, `${run.syncRun}:${batch}`, rendered)
    }
  }

  function outgoing(batch: number, id: string, { records, ordinals, own, payloadHash }: RenderedRows): Outgoing<Piece> {
    const state = closingState(setup, { batch, id, hash: payloadHash })
    return { message: { batch, records, state }, kept: { batch, ordinals, own } }
  }
}

/** One session of the destination's program, from its start to its end. */
async function converse(
  { deps, setup, connector, book, progress, signal }: Sending,
  batches: AsyncIterable<Outgoing<Piece>>,
  inFlight: number,
  alone: boolean,
): Promise<void> {
  const session = await openWrite({
    ...connector,
    catalog: configuredCatalog(setup),
    onLog: progress.log,
    idleTimeoutMs: deps.idleTimeoutMs ?? defaultIdleTimeoutMs,
    signal,
  })
  await transmit(session, batches, inFlight, (ack, piece) => book.acknowledged(ack, piece, alone))
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}

/** The spool; written again if it is gone and the warehouse still has the rows. */
async function spoolOf(deps: SyncDeps, setup: SyncSetup, syncRun: string, signal: AbortSignal): Promise<string> {
  if (!(await hasSpool(deps.home, syncRun))) {
    const [ledger] = await deps.warehouse.query(readLedger(setup.tables), { signal })
    if (ledger?.['frozen_run'] !== syncRun) throw frozenGone(setup.spec.key)
    await writeSpool(deps, setup, syncRun, signal)
  }
  return spoolPath(deps.home, syncRun)
}

function notFrozen(sync: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_NOT_FROZEN',
    message: `${sync} was not frozen by this run, or was frozen anew`,
    hint: 'Materialise it again.',
    blame: 'system',
  })
}

function frozenGone(sync: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_FROZEN_GONE',
    message: `The rows that ${sync} was to send are neither in its spool nor in the warehouse any more`,
    hint: 'Materialise it again: what was not acknowledged is compared and sent anew.',
    blame: 'user',
  })
}
