import {
  isTraitlineError,
  maskedSamples,
  type DryRunActivities,
  type Scope,
  type SyncDifference,
  type SyncDryRun,
  type SyncDryRunInput,
  type SyncSamples,
  type SyncSpec,
} from '../../orchestrator/contract/index.ts'
import { upstreamVersions } from '../../orchestrator/plan/index.ts'
import { readLedger } from '../../orchestrator/sql/sync-ledger.ts'
import {
  previewColumns,
  previewCounts,
  previewSamples,
  previewSides,
  type PreviewInput,
} from '../../orchestrator/sql/sync-preview.ts'
import { manifestIndex, withHeartbeat } from '../runtime/index.ts'
import type { Row } from '../warehouse/warehouse.ts'
import type { SyncDeps } from './deps.ts'
import { nextRound } from './freeze.ts'
import { guardRemovals } from './guard.ts'
import { modes } from './modes.ts'
import { compileMapping, type Rendered } from './mapping/render.ts'
import type { SpooledRow } from './mapping/value.ts'
import { seal } from '../../orchestrator/store/seal.ts'
import { listRejects } from './operations/list-rejects.ts'
import { sealingKey } from './operations/run-options.ts'
import { previewSync } from './preview/preview.ts'
import { setUpSync, type SyncSetup } from './setup.ts'
import { sourceMissing } from './source-missing.ts'
import { headingOf, targetOf } from './target.ts'
import { withheldOf } from './withheld.ts'

type Deps = Pick<SyncDeps, 'warehouse' | 'manifests' | 'secrets' | 'home'> & {
  readonly store: Pick<SyncDeps['store'], 'syncs' | 'assets' | 'results'>
}

/**
 * Tells what a sync would do, and does none of it: no destination's program is started, nothing is written into the
 * warehouse. Values are masked before the answer leaves this process, or sealed for whoever asked for them.
 */
export function createDryRunActivities(deps: Deps): DryRunActivities {
  return {
    dryRunSync: (input) =>
      withHeartbeat(async (signal) => {
        const manifest = manifestIndex(await deps.manifests(input, input.revision))
        const sealed = (values: unknown): string | null =>
          input.publicKey === undefined ? null : seal(JSON.stringify(values), input.publicKey)
        if (input.preview !== undefined) {
          const { masked, rows } = await previewSync(deps, manifest, input, input.preview, signal)
          await deps.store.results.put(input.id, { answer: masked, sealed: sealed(rows) })
          return
        }
        if (input.rejects !== undefined) {
          const { masked, rows } = await listRejects(deps, manifest, input, input.rejects, signal)
          await deps.store.results.put(input.id, { answer: masked, sealed: sealed(rows) })
          return
        }
        if (input.sealing === true) {
          const { tables } = setUpSync(manifest, input.sync)
          const publicKey = await sealingKey(deps.warehouse, tables, signal)
          await deps.store.results.put(input.id, { answer: { publicKey }, sealed: null })
          return
        }
        const { samples, ...found } = await dryRun(deps, input, setUpSync(manifest, input.sync), signal)
        const masked: SyncDryRun = { ...found, samples: maskedSamples(samples), masked: true }
        await deps.store.results.put(input.id, { answer: masked, sealed: sealed(samples) })
      }),
  }
}

async function dryRun(
  deps: Deps,
  input: SyncDryRunInput,
  setup: SyncSetup,
  signal: AbortSignal,
): Promise<Omit<SyncDryRun, 'masked'>> {
  const { warehouse, store } = deps
  const { spec, tables, desired, mappingVersion: mapping, destination, stream } = setup
  const scope: Scope = { environment: input.environment, project: input.project }
  const call = { signal }
  for (const relation of [desired.from, ...desired.columns.flatMap(({ relation: joined }) => joined ?? [])]) {
    if ((await warehouse.describe(relation, call)) === null) throw sourceMissing(spec, relation.name)
  }
  const begun = (await warehouse.describe(tables.ledger, call)) !== null
  const ledger: Row = begun ? ((await warehouse.query(readLedger(tables), call))[0] ?? {}) : {}
  const heading = headingOf(ledger, targetOf(destination, stream, deps.secrets))
  const { rules } = modes[spec.mode]
  const states = await store.assets.states(scope, [spec.key, ...spec.deps])
  const upstream = upstreamVersions(spec, states)
  const resend = await store.syncs.pendingResend(scope, spec.key)
  const request = await store.syncs.pendingRequest(scope, spec.key)
  const round = await nextRound({ deps, input: { force: false }, setup, upstream, scope, ledger, heading, request })
  const preview: PreviewInput = {
    ...{ tables, dialect: warehouse.dialect, desired, rules, mapping, begun },
    ...(request !== null && rules.compares && { request }),
    ...{
      anew: heading.moved,
      resend: resend?.syncRuns ?? [],
      resendOnly: round.type === 'over' || round.type === 'resume',
    },
    frozenRun: await frozenRun(deps, setup, ledger, signal),
  }
  const [counted, [sides = {}], [changes = {}], rows] = await Promise.all([
    warehouse.query(previewCounts(preview), call),
    warehouse.query(previewSides(preview), call),
    warehouse.query(previewColumns(preview), call),
    warehouse.query(previewSamples(preview, input.samples), call),
  ])
  const of = (kind: string): number => Number(counted.find((row) => row['kind'] === kind)?.['rows'] ?? 0)
  const [added, changed, removed] = [of('added'), of('changed'), of('removed')]
  const [all, invalid] = [Number(sides['desired']), Number(sides['invalid'])]
  const before = ledger['mapping']
  return {
    ...{ sync: spec.key, revision: input.revision, mode: spec.mode },
    counts: {
      ...{ desired: all, added, changed, removed, invalid },
      unchanged: Math.max(0, all - invalid - added - changed),
      ...withheldOf(sides),
    },
    mappingChanged: typeof before === 'string' && before !== mapping,
    targetChanged: heading.moved,
    unsettled: (await store.syncs.unsettled(scope, spec.key, await warehouse.identity())).length,
    stopped: stoppedBy(spec, all - invalid, removed, Number(sides['removable'])),
    changedColumns: Object.fromEntries(
      desired.columns.map(({ name }, index): [string, number] => [name, Number(changes[`c${index}`] ?? 0)]),
    ),
    comparable: Number(changes['comparable'] ?? 0),
    samples: samplesOf(rows, setup),
  }
}

/** Only what was frozen with the same columns can be compared, column by column. */
async function frozenRun(
  { warehouse }: Pick<Deps, 'warehouse'>,
  { tables, desired }: SyncSetup,
  ledger: Row,
  signal: AbortSignal,
): Promise<string | null> {
  const run = ledger['frozen_run']
  if (typeof run !== 'string') return null
  const columns = await warehouse.describe(tables.frozen, { signal })
  const kept = new Set(columns?.map(({ name }) => name))
  return columns !== null && desired.columns.every(({ name }) => kept.has(name)) ? run : null
}

function samplesOf(rows: readonly Row[], setup: SyncSetup): SyncSamples {
  const render = compileMapping(setup)
  const columns = setup.desired.columns.map(({ name }) => name)
  const as = (row: Row, read: (name: string, index: number) => Row[string]): SpooledRow => ({
    ...{ _ordinal: 0, _batch: 0, _operation: String(row['_operation']), _key: String(row['_key']) },
    ...Object.fromEntries(columns.map((name, index) => [name, read(name, index) ?? null])),
  })
  const samples = { added: [] as SyncDifference[], changed: [] as SyncDifference[], removed: [] as SyncDifference[] }
  for (const row of rows) {
    const kind = row['kind'] as keyof SyncSamples
    const now = as(row, (name) => row[name] as Row[string])
    const before =
      row['_known'] === true ? render.row(as(row, (_, index) => row[`_before${index}`] as Row[string])) : null
    samples[kind].push(
      differenceOf(
        now._key,
        kind === 'removed' ? null : render.row(now),
        kind === 'removed' ? render.key(now) : before,
      ),
    )
  }
  return samples
}

function differenceOf(key: string, after: Rendered | null, before: Rendered | null): SyncDifference {
  const [was, now] = [dataOf(before), dataOf(after)]
  const names = [...new Set([...Object.keys(now ?? {}), ...Object.keys(was ?? {})])]
  const fields = names
    .filter((field) => was === null || now === null || JSON.stringify(was[field]) !== JSON.stringify(now[field]))
    .map((field) => ({
      field,
      ...(was?.[field] !== undefined && { before: was[field] }),
      ...(now?.[field] !== undefined && { after: now[field] }),
    }))
  return { key, fields, rejected: after !== null && 'rejected' in after ? after.rejected.message : null }
}

function dataOf(rendered: Rendered | null) {
  return rendered !== null && 'data' in rendered ? rendered.data : null
}

function stoppedBy(
  { key, guard }: SyncSpec,
  usable: number,
  removed: number,
  removable: number,
): SyncDryRun['stopped'] {
  try {
    guardRemovals(key, { usable, removed, removable, guard })
    return null
  } catch (error) {
    if (!isTraitlineError(error)) throw error
    const { code, message, hint } = error
    return { code, message, hint }
  }
}
