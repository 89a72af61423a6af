import { hostname } from 'node:os'
import { type FrozenSync, nameOf, type Scope, type StepInput } from '../../orchestrator/contract/index.ts'
import { countFrozen, freezeSync, prepareSync, readLedger } from '../../orchestrator/sql/sync-freeze.ts'
import type { SyncCounts, SyncRunRow } from '../../orchestrator/store/store.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { adoptTables } from './adopt.ts'
import type { Writer } from './book.ts'
import type { Connector } from './connector.ts'
import type { SyncDeps } from './deps.ts'
import { guardRemovals } from './guard.ts'
import { modes } from './modes.ts'
import { requireKeyOnly } from './render.ts'
import { settleRun } from './settle.ts'
import type { SyncSetup } from './setup.ts'
import { removeSpool, writeSpool } from './spool.ts'

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
  signal: AbortSignal,
): Promise<FrozenSync> {
  const { warehouse, store } = deps
  const { spec, tables, desired } = setup
  const scope: Scope = { environment: input.environment, project: input.project }
  const { rules } = modes[spec.mode]
  if (rules.removed !== null) requireKeyOnly(setup)
  const { declaration } = await connectorOf()

  await adoptTables(deps, setup, signal)
  await warehouse.transaction(prepareSync(tables, warehouse.dialect), { signal })
  const replaces = textOrNull((await warehouse.query(readLedger(tables), { signal }))[0]?.['frozen_run'])
  const epoch = await store.syncs.acquireWriter(scope, spec.key, holder)
  const begun = await store.syncs.find(scope, input.run, spec.key)
  if (begun !== null) return frozenOf(begun)
  const here = await warehouse.identity()
  for (const run of await store.syncs.unsettled(scope, spec.key, here)) {
    const writer: Writer = { scope, sync: spec.key, syncRun: run.syncRun, epoch }
    await settleRun(deps, setup, writer, run, 'superseded', connectorOf, signal)
  }
  if (replaces !== null) await removeSpool(deps.home, replaces)

  const syncRun = `${input.run.replaceAll(/[^\w-]/g, '_')}-${nameOf(spec.key)}-${epoch}`
  await warehouse.transaction(
    freezeSync({
      tables,
      dialect: warehouse.dialect,
      desired,
      rules,
      limits: declaration.limits,
      mapping: setup.mappingVersion,
      syncRun,
      upstream: JSON.stringify(upstream),
      replaces,
    }),
    { signal },
  )
  const frozen = readCounts((await warehouse.query(countFrozen(tables), { signal }))[0] ?? {})
  if (!(await allowed(deps, input, setup))) {
    const { desired, invalid, removed } = frozen.planned
    guardRemovals(spec.key, { usable: desired - invalid, removed, removable: frozen.removable })
  }
  if (frozen.batches > 0) await writeSpool(deps, setup, syncRun, signal)

  const { planned, batches } = frozen
  const { mode } = spec
  const began = { scope, sync: spec.key, run: input.run, syncRun, epoch, warehouse: here, mode, batches, planned }
  await store.syncs.begin(began)
  await store.events.append({
    scope,
    run: input.run,
    asset: spec.key,
    type: 'sync_planned',
    data: { syncRun, mode, batches, ...planned, mappingChanged: frozen.mappingChanged },
    once: `sync_planned:${syncRun}`,
  })
  return { fresh: false, syncRun, batches }
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
  const unchanged = desired - invalid - added - changed
  const before = textOrNull(row['mapping'])
  return {
    planned: { desired, added, changed, removed, unchanged, invalid },
    removable: count('removable'),
    batches: count('batches'),
    mappingChanged: before !== null && before !== row['frozen_mapping'],
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
