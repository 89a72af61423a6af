import { Context } from '@temporalio/activity'
import {
  type FrozenSync,
  type Scope,
  sendsSome,
  type StepInput,
  TraitlineError,
  type WarehouseActivities,
} from '../../orchestrator/contract/index.ts'
import { distantGuards, upstreamVersions } from '../../orchestrator/plan/index.ts'
import { readLedger } from '../../orchestrator/sql/sync-ledger.ts'
import type { SyncRunRow } from '../../orchestrator/store/store.ts'
import { decide } from '../materialize/decide.ts'
import { checksOf, ofAsset, recordMade, type Made } from '../materialize/materialize-asset.ts'
import { manifestIndex, withHeartbeat, type ManifestIndex } from '../runtime/index.ts'
import { metadataOf, parkedCheck, summaryOf } from './account.ts'
import { type Connector, createConnectorCache } from './connector.ts'
import type { SyncDeps } from './deps.ts'
import { freeze, frozenOf, holder } from './freeze.ts'
import { harmlessAgain } from './intents.ts'
import { modes } from './modes.ts'
import { judgeRejects, pausedOutcome } from './operations/judge-rejects.ts'
import { degradationsOf } from './operations/degraded.ts'
import { optionsOf } from './operations/run-options.ts'
import { sendFrozen } from './send.ts'
import { type Settled, settleRun } from './settle.ts'
import { setUpSync, type SyncSetup } from './setup.ts'
import { isPrintOf, targetOf } from './target.ts'

export type { SyncDeps } from './deps.ts'

export type SyncActivities = Pick<WarehouseActivities, 'freezeSync' | 'sendSync' | 'settleSync'>

interface Job {
  readonly scope: Scope
  readonly manifest: ManifestIndex
  readonly setup: SyncSetup
  readonly connectorOf: () => Promise<Connector>
  readonly signal: AbortSignal
}

/**
 * The three steps of a sync. Each may run again at any point: freezing answers what this run froze, sending goes on
 * where the journal says it stopped, settling merges the same journal into the same ledger.
 */
export function createSyncActivities(deps: SyncDeps): SyncActivities {
  const connectors = createConnectorCache(deps)

  /** What the manifest says of the step's sync; errors name it. */
  function onSync<T>(input: StepInput, work: (job: Job) => Promise<T>): Promise<T> {
    return withHeartbeat(async (signal) => {
      const key = input.step.assets[0]?.key ?? 'sync/?'
      try {
        const manifest = manifestIndex(await deps.manifests(input, input.revision))
        const setup = setUpSync(manifest, key)
        const scope: Scope = { environment: input.environment, project: input.project }
        const connectorOf = (): Promise<Connector> => connectors.of(input, setup, signal)
        return await work({ scope, manifest, setup, connectorOf, signal })
      } catch (error) {
        throw ofAsset(key, error)
      }
    })
  }

  return {
    freezeSync: (input) =>
      onSync(input, async ({ scope, manifest, setup, connectorOf, signal }): Promise<FrozenSync> => {
        const { spec } = setup
        const { assets, syncs } = deps.store
        const nothing: FrozenSync = { fresh: true, syncRun: '', batches: 0 }
        const { attempt } = Context.current().info
        const guards = distantGuards(spec, manifest.asset)
        const [{ recorded, states }, warehouse] = await Promise.all([
          assets.startStep(input, [spec.key], attempt, [spec.key, ...guards.map(({ upstream }) => upstream)]),
          deps.warehouse.identity(),
        ])
        if (recorded.length > 0) {
          const begun = await syncs.find(scope, input.run, spec.key)
          return begun === null ? nothing : frozenOf(begun)
        }
        const options = await optionsOf(deps, input.run)
        const pause = (await syncs.paused(scope)).find(({ sync }) => sync === spec.key)
        if (pause !== undefined) {
          await assets.recordOutcomes(scope, input.run, [pausedOutcome(pause)])
          return nothing
        }
        const force = input.force || sendsSome(options)
        const decision = decide(spec, states, { warehouse, force, guards })
        if (decision.type === 'settled') {
          if (decision.outcome.status === 'upstream_failed') {
            await assets.recordOutcomes(scope, input.run, [decision.outcome])
            throw upstreamFailed(decision.outcome)
          }
          if (!(await waits(deps, scope, setup))) return nothing
        }
        return freeze(deps, input, setup, upstreamVersions(spec, states), connectorOf, options, signal)
      }),

    sendSync: (input) =>
      onSync(input, async ({ setup, connectorOf, signal }) => {
        if (input.frozen.fresh || input.frozen.batches === 0) return
        await sendFrozen(deps, input, setup, connectorOf, signal)
      }),

    settleSync: (input) =>
      onSync(input, async ({ scope, manifest, setup, connectorOf, signal }) => {
        const { spec, tables } = setup
        const { assets, syncs } = deps.store
        const recorded = await assets.outcomes(input.run, [spec.key])
        if (recorded.length > 0) return { assets: recorded }
        const run = await syncs.find(scope, input.run, spec.key)
        if (run === null) throw notFrozen(spec.key)
        const epoch = await syncs.acquireWriter(scope, spec.key, holder)
        const writer = { scope, sync: spec.key, syncRun: run.syncRun, epoch }
        const settled = await settleRun(deps, setup, writer, run, 'failed', connectorOf, signal)
        connectors.forget(input)
        if (input.failure !== null) return { assets: [] }
        if (!settled.complete) throw incomplete(settled)
        await judgeRejects(deps, scope, spec, settled.run)
        const before = (await syncs.list(scope, spec.key, 10)).filter(({ syncRun }) => syncRun !== run.syncRun)
        await syncs.degraded({ ...writer, degraded: degradationsOf(settled.run, before) })

        const [ledger] = await deps.warehouse.query(readLedger(tables), { signal })
        const made: Made = {
          dataVersion: `ledger:${String(ledger?.['changed_by'] ?? 'empty')}`,
          rows: settled.delivered,
          statistics: [],
          checks: harmlessAgain(setup) ? [] : [parkedCheck(spec.key, settled.parked)],
          metadata: metadataOf(settled),
          summary: summaryOf(settled),
        }
        const checks = await checksOf(deps, input, { spec, manifest, signal }, made)
        const outcome = await recordMade(
          deps,
          input,
          {
            spec,
            upstream: await upstreamDelivered(deps, scope, setup, String(ledger?.['frozen_upstream'] ?? '{}'), settled),
            warehouse: await deps.warehouse.identity(),
            startedAt: new Date(run.startedAt),
          },
          { ...made, checks },
        )
        return { assets: [outcome] }
      }),
  }
}

/** Rows that the last run did not get delivered: what is planned as fresh by its upstreams is not. */
async function waits(deps: SyncDeps, scope: Scope, setup: SyncSetup): Promise<boolean> {
  const { spec } = setup
  const [[last], resend, request] = await Promise.all([
    deps.store.syncs.list(scope, spec.key, 1),
    deps.store.syncs.pendingResend(scope, spec.key),
    deps.store.syncs.pendingRequest(scope, spec.key),
  ])
  if (resend !== null || request !== null) return true
  if (last === undefined) return false
  const target = targetOf(setup.destination, setup.stream, deps.secrets)
  return (
    last.status !== 'settled' ||
    ((last.waiting ?? last.rejected) > 0 && modes[spec.mode].rules.compares) ||
    somethingLeft(last) ||
    (last.target !== null && !isPrintOf(last.target, target))
  )
}

/**
 * The versions that were read; without the version of `from` if rows of it were rejected and a run would send them
 * again, or if it is asked to send some: the destination then holds no version of it, and the sync stays stale.
 */
async function upstreamDelivered(
  { store }: SyncDeps,
  scope: Scope,
  { spec }: SyncSetup,
  frozen: string,
  { run, waiting }: Settled,
): Promise<Readonly<Record<string, string>>> {
  const { syncs } = store
  const wished = (await syncs.pendingResend(scope, spec.key)) ?? (await syncs.pendingRequest(scope, spec.key))
  const triesAgain = wished !== null || (waiting > 0 && modes[spec.mode].rules.compares) || somethingLeft(run)
  const versions = Object.entries(JSON.parse(frozen) as Record<string, string>)
  return Object.fromEntries(versions.filter(([key]) => key !== spec.from || !triesAgain))
}

/** It sent only some of the rows that differed. */
function somethingLeft({ planned }: SyncRunRow): boolean {
  return (planned.left ?? 0) + (planned.removalsLeft ?? 0) > 0
}

function upstreamFailed({
  asset,
  upstream,
  reason,
}: {
  asset: string
  upstream: string
  reason: string
}): TraitlineError {
  return new TraitlineError({
    code: 'UPSTREAM_FAILED',
    message: `${asset} was not sent: ${upstream} is not fit for it, ${reason}`,
    hint: `Correct ${upstream} and materialise it again.`,
    blame: 'user',
  })
}

function notFrozen(sync: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_NOT_FROZEN',
    message: `${sync} has nothing to settle in this run`,
    hint: 'Materialise it again.',
    blame: 'system',
  })
}

function incomplete({ run }: Settled): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_INCOMPLETE',
    message: `${run.sync}: sync run ${run.syncRun} was settled before all of its ${run.batches} batches were sent`,
    hint: 'Materialise it again: what was not acknowledged is compared and sent anew.',
    blame: 'system',
  })
}
