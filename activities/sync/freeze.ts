import { hostname } from 'node:os'
import {
  type FrozenSync,
  nameOf,
  sendsSome,
  type Scope,
  type StepInput,
  type SyncCounts,
  type SyncRunOptions,
  TraitlineError,
  type SyncRequest,
} from '../../orchestrator/contract/index.ts'
import { type BatchLimits, freezeSync } from '../../orchestrator/sql/sync-freeze.ts'
import { countFrozen, prepareSync, readLedger } from '../../orchestrator/sql/sync-ledger.ts'
import { countDelivered } from '../../orchestrator/sql/sync-merge.ts'
import type { PendingResend, SyncRunRow } from '../../orchestrator/store/store.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { adoptTables } from './adopt.ts'
import { askedOf, type Asked } from './operations/run-options.ts'
import type { Writer } from './book.ts'
import type { Connector } from './connector.ts'
import type { SyncDeps } from './deps.ts'
import { guardRemovals } from './guard.ts'
import { harmlessAgain } from './intents.ts'
import { modes } from './modes.ts'
import { requireKeyOnly } from './mapping/render.ts'
import { requireOffered } from './offered.ts'
import { type Round, roundOf } from './round.ts'
import { settleRun } from './settle.ts'
import { streamsOf, type SyncSetup } from './setup.ts'
import { withheldOf } from './withheld.ts'
import { removeSpool, writeSpool } from './spool.ts'
import { type Heading, headingOf, targetChanged, targetOf } from './target.ts'

/** How this worker is named in the journal. */
export const holder = `${hostname()}:${process.pid}`

export function frozenOf(run: SyncRunRow): FrozenSync {
  return { fresh: false, syncRun: run.syncRun, batches: run.batches }
}

/**
 * Settles what earlier runs left, compares, keeps the rows to send, and begins a sync run in the journal: from then on
 * a second call answers the same. Whatever was done before that is done again by the next attempt.
 *
 * What is frozen in the warehouse is read before this becomes the writer and compared when it is replaced: an attempt
 * that was overtaken cannot replace the rows of the one that overtook it.
 */
export async function freeze(
  deps: SyncDeps,
  input: StepInput,
  setup: SyncSetup,
  upstream: Readonly<Record<string, string>>,
  connectorOf: () => Promise<Connector>,
  options: SyncRunOptions,
  signal: AbortSignal,
): Promise<FrozenSync> {
  const startedAt = performance.now()
  const { warehouse, store } = deps
  const { spec, tables } = setup
  const scope: Scope = { environment: input.environment, project: input.project }
  for (const stream of streamsOf(setup)) if (modes[stream.spec.mode].rules.removed !== null) requireKeyOnly(stream)
  const { declaration, catalog } = await connectorOf()
  for (const stream of streamsOf(setup)) requireOffered(catalog, stream)

  await adoptTables(deps, setup, signal)
  await warehouse.transaction(prepareSync(tables, warehouse.dialect), { signal })
  const ledger = (await warehouse.query(readLedger(tables), { signal }))[0] ?? {}
  const epoch = await store.syncs.acquireWriter(scope, spec.key, holder)
  const begun = await store.syncs.find(scope, input.run, spec.key)
  if (begun !== null) return frozenOf(begun)

  // A run that sends only some of the rows leaves to a whole one what is asked for.
  const request = sendsSome(options) ? null : await store.syncs.pendingRequest(scope, spec.key)
  const job: Freezing = {
    ...{ deps, input, setup, upstream, scope, ledger, epoch, signal, limits: limitsOf(declaration, setup) },
    warehouseId: await warehouse.identity(),
    forced: await allowed(deps, input, setup),
    asked: await askedOf(deps, tables, spec.key, options, input.force || request === 'resync'),
    startedAt,
    heading: headingOf(ledger, targetOf(setup.destination, setup.stream, deps.secrets)),
    request,
  }
  const round = await nextRound(job)
  for (const run of await store.syncs.unsettled(scope, spec.key, job.warehouseId)) {
    const writer: Writer = { scope, sync: spec.key, syncRun: run.syncRun, epoch }
    const goesOn = round.type === 'resume' && round.syncRun === run.syncRun
    await settleRun(deps, setup, writer, run, goesOn ? 'failed' : 'superseded', connectorOf, signal)
  }
  await guardTarget(job)
  if (job.asked.some && (round.type === 'resume' || round.type === 'begin')) throw unfinished(spec.key)
  if (round.type === 'resume') return resume(job, round.syncRun)
  if (round.type === 'begin') return begin(job, round.syncRun, null)
  return freezeAnew(job, round)
}

/** A batch has the rows of all of a sync's streams. */
function limitsOf({ limits }: Connector['declaration'], setup: SyncSetup): BatchLimits {
  return { ...limits, rows: Math.max(1, Math.floor(limits.rows / streamsOf(setup).length)) }
}

/** One call of `freeze`, once it is the writer. */
interface Freezing {
  readonly deps: SyncDeps
  readonly input: StepInput
  readonly setup: SyncSetup
  readonly upstream: Readonly<Record<string, string>>
  readonly scope: Scope
  /** As it was before this became the writer. */
  readonly ledger: Row
  readonly epoch: number
  readonly limits: BatchLimits
  readonly warehouseId: string
  readonly forced: boolean
  readonly asked: Asked
  /** By the process's clock. */
  readonly startedAt: number
  readonly heading: Heading
  /** What this run is asked to do once. */
  readonly request: SyncRequest | null
  readonly signal: AbortSignal
}

/** What a mode that compares nothing would send now. */
export async function nextRound({
  deps,
  input,
  setup,
  upstream,
  scope,
  ledger,
  heading,
  request,
}: Pick<Freezing, 'setup' | 'upstream' | 'scope' | 'ledger' | 'heading' | 'request'> & {
  readonly deps: { readonly store: Pick<SyncDeps['store'], 'syncs'> }
  readonly input: Pick<StepInput, 'force'>
}): Promise<Round> {
  const { spec, mappingVersion: mapping } = setup
  const { syncs } = deps.store
  if (modes[spec.mode].rules.compares) return { type: 'new' }
  const frozen = textOrNull(ledger['frozen_run'])
  const run = frozen === null ? null : await syncs.get(scope, spec.key, frozen)
  const last = run === null ? null : { run, batches: await syncs.batches(run.syncRun) }
  const anew = heading.moved || input.force || request === 'resync'
  return roundOf({ ledger, last, mode: spec.mode, mapping, upstream, anew })
}

/** Stops what would leave rows at another place, or send them twice if it is the same place after all. */
async function guardTarget({ deps, setup, ledger, forced, heading, signal }: Freezing): Promise<void> {
  const { spec, tables } = setup
  const harmless = harmlessAgain(setup) && modes[spec.mode].rules.removed === null
  if (!heading.moved || forced || harmless) return
  const [counts] = await deps.warehouse.query(countDelivered(tables), { signal })
  if (Number(counts?.['rows'] ?? 0) + Number(counts?.['parked'] ?? 0) === 0) return
  throw targetChanged(spec.key, spec.mode, textOrNull(ledger['place']), heading.target)
}

/** Goes on with what a run that failed or was cancelled left. */
async function resume({ deps, input, setup, scope, epoch, signal }: Freezing, syncRun: string): Promise<FrozenSync> {
  const run = await deps.store.syncs.resume({ scope, sync: setup.spec.key, run: input.run, syncRun, epoch })
  await writeSpool(deps, setup, syncRun, signal)
  await tellPlan(deps, input, setup, { ...run, resumed: true })
  return frozenOf(run)
}

async function freezeAnew(job: Freezing, round: Round): Promise<FrozenSync> {
  const { deps, input, setup, upstream, scope, ledger, epoch, limits, heading, asked, request, signal } = job
  const { spec, tables, desired, mappingVersion: mapping } = setup
  const { dialect } = deps.warehouse
  const replaces = textOrNull(ledger['frozen_run'])
  if (replaces !== null) await removeSpool(deps.home, replaces)
  const resend = asked.some ? null : await deps.store.syncs.pendingResend(scope, spec.key)
  // What a part of a round was sent of counts for no round.
  const ofRound = asked.some && !modes[spec.mode].rules.compares && round.type !== 'over'
  const syncRun = `${input.run.replaceAll(/[^\w-]/g, '_')}-${nameOf(spec.key)}-${epoch}`
  await deps.warehouse.transaction(
    freezeSync({
      ...{
        tables,
        dialect,
        desired,
        mode: spec.mode,
        rules: modes[spec.mode].rules,
        limits,
        mapping,
        syncRun,
        replaces,
      },
      upstream: JSON.stringify(ofRound ? {} : upstream),
      target: { print: heading.print, place: heading.target.place },
      anew: heading.moved,
      resend: resend?.syncRuns ?? [],
      resendOnly: round.type === 'over' && !asked.some,
      part: asked.part,
      ...(request !== null && { request }),
    }),
    { signal },
  )
  return begin(job, syncRun, resend)
}

/** Begins a sync run with what is frozen in the warehouse. */
async function begin(job: Freezing, syncRun: string, resend: PendingResend | null): Promise<FrozenSync> {
  const { deps, input, setup, scope, epoch, warehouseId, forced, asked, heading, startedAt, signal } = job
  const { spec, tables } = setup
  const { mode } = spec
  const frozen = readCounts((await deps.warehouse.query(countFrozen(tables), { signal }))[0] ?? {})
  const { planned, batches, mappingChanged } = frozen
  if (!forced && asked.options.allowRemovals !== true) {
    const { desired, invalid, removed } = planned
    const { removable } = frozen
    guardRemovals(spec.key, { usable: desired - invalid, removed, removable, guard: spec.guard })
  }
  if (batches > 0) await writeSpool(deps, setup, syncRun, signal)
  await deps.store.syncs.begin({
    ...{ scope, sync: spec.key, run: input.run, syncRun, epoch, warehouse: warehouseId, mode, batches, planned },
    target: heading.print,
    resend: resend?.upTo ?? null,
    freezeMs: performance.now() - startedAt,
    request: job.request,
  })
  await tellPlan(deps, input, setup, { syncRun, mode, batches, planned, mappingChanged, targetChanged: heading.moved })
  return { fresh: false, syncRun, batches }
}

async function tellPlan(
  { store }: SyncDeps,
  input: StepInput,
  { spec }: SyncSetup,
  plan: {
    readonly syncRun: string
    readonly mode: string
    readonly batches: number
    readonly planned: SyncCounts
    readonly mappingChanged?: boolean
    /** What was delivered was delivered elsewhere, and counts no more. */
    readonly targetChanged?: boolean
    /** It goes on with what an earlier run left. */
    readonly resumed?: boolean
  },
): Promise<void> {
  const { syncRun, mode, batches, planned, mappingChanged = false, targetChanged = false, resumed = false } = plan
  await store.events.append({
    scope: { environment: input.environment, project: input.project },
    run: input.run,
    asset: spec.key,
    type: 'sync_planned',
    data: { syncRun, mode, batches, ...planned, mappingChanged, targetChanged, resumed },
    once: `sync_planned:${syncRun}:${input.run}`,
  })
}

/** Forced, and nothing else asked for: whoever does that has seen what it would do. */
async function allowed(deps: SyncDeps, input: StepInput, { spec }: SyncSetup): Promise<boolean> {
  if (!input.force) return false
  const run = await deps.store.runs.get(input.run)
  return run !== null && run.targets.length === 1 && run.targets[0] === spec.key
}

interface FrozenCounts {
  readonly planned: SyncCounts
  readonly removable: number
  readonly batches: number
  readonly mappingChanged: boolean
}

function readCounts(row: Row): FrozenCounts {
  const count = (name: string): number => Number(row[name] ?? 0)
  const invalid = count('null_keys') + count('duplicate_rows')
  const [desired, added, changed, removed] = [count('desired'), count('added'), count('changed'), count('removed')]
  const [waiting, left] = [count('waiting'), count('left_out')]
  // Of a mode that compares nothing, what is not sent is not looked at.
  const unchanged = Math.max(0, desired - invalid - added - changed - waiting - left)
  const some = {
    waiting,
    left,
    removalsLeft: count('removals_left'),
    removalsWaiting: count('removals_waiting'),
    retried: count('retried'),
  }
  const before = textOrNull(row['mapping'])
  return {
    planned: {
      ...{ desired, added, changed, removed, unchanged, invalid, ...withheldOf(row) },
      ...Object.fromEntries(Object.entries(some).filter(([, rows]) => rows > 0)),
    },
    removable: count('removable'),
    batches: count('batches'),
    mappingChanged: before !== null && before !== row['frozen_mapping'],
  }
}

function unfinished(sync: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_ROUND_OPEN',
    message: `${sync}: a run before left a round of its rows unfinished, so that only some of them cannot be sent now`,
    hint: `Let it finish first: traitline materialize ${sync}`,
    blame: 'user',
  })
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
