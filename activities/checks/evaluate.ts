import {
  isTraitlineError,
  type AssetKey,
  type AssetSpec,
  type CheckResult,
  type CheckSpec,
  type ColumnSpec,
  type JsonObject,
  type LastGood,
  type PartitionView,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import { checkProgram, dialectSql, isSqlCheck, type CheckTarget, type Verdict } from '../../orchestrator/sql/index.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import type { CheckDeps } from './deps.ts'
import { keepFailingRows, type Judged } from './failing-rows.ts'
import { runTypescript } from './typescript.ts'

/** A materialisation whose table is in place, recorded or about to be. */
export interface ToCheck {
  readonly scope: Scope
  readonly spec: AssetSpec
  readonly manifest: ManifestIndex
  readonly rows: number | null
  readonly counts: JsonObject
  /** Its id, if it is in the record: only what was before it is compared with. */
  readonly materialization: string | null
  /** Of a partition: what of the tables is looked at, and what it is compared with. */
  readonly part?: PartToCheck
  /** What there is becomes what later ones are compared with. */
  readonly accept?: boolean
  readonly signal: AbortSignal
}

/** One partition of an asset, as its checks see it. */
export interface PartToCheck extends Pick<CheckTarget, 'relation' | 'relationOf' | 'reads' | 'partitionValue'> {
  readonly view: PartitionView
  lastGood(name: string): Promise<LastGood | null>
}

/**
 * Evaluates checks, by default all of the asset's, in their order. One that cannot be evaluated is a failed one that
 * says why; only a warehouse that is lost is thrown, since the step may be tried again.
 */
export async function evaluateChecks(
  deps: CheckDeps,
  checked: ToCheck,
  checks: readonly CheckSpec[] = checked.spec.checks ?? [],
): Promise<CheckResult[]> {
  if (checks.length === 0) return []
  const { spec, signal } = checked
  const columns = spec.relation === null ? [] : ((await deps.warehouse.describe(spec.relation, { signal })) ?? [])
  const judged: Judged[] = []
  for (const check of checks) judged.push({ check, verdict: await evaluate(deps, checked, columns, check) })
  const kept = await keepFailingRows(deps, checked, judged)
  return judged.map(({ check: { name, severity, blocking }, verdict }) => {
    const { passed, failures, message, metadata, reference } = verdict
    const sample = kept.get(name)
    return {
      ...{ name, severity, passed, failures, message, blocking },
      metadata: sample === undefined ? metadata : { ...metadata, sample },
      ...(reference && { reference }),
    }
  })
}

async function evaluate(
  deps: CheckDeps,
  checked: ToCheck,
  columns: readonly ColumnSpec[],
  check: CheckSpec,
): Promise<Verdict> {
  return judge(deps, checked, columns, check).catch((error: unknown): Verdict => {
    checked.signal.throwIfAborted()
    if (!isTraitlineError(error) || error.blame === 'system') throw error
    const message = `it cannot be evaluated: ${error.message}. ${error.hint}`
    return { passed: false, failures: null, message, metadata: { error: error.code } }
  })
}

async function judge(
  deps: CheckDeps,
  checked: ToCheck,
  columns: readonly ColumnSpec[],
  { name, test }: CheckSpec,
): Promise<Verdict> {
  const { scope, spec, manifest, materialization, part, accept, signal } = checked
  const now = nowOf(part, manifest.manifest.asOf ?? deps.clock().toISOString())
  if (!isSqlCheck(test)) return runTypescript(deps, checked, test, now)
  const before = (): Promise<LastGood | null> =>
    part === undefined ? deps.store.checks.lastGood(scope, spec.key, name, materialization) : part.lastGood(name)
  const lastGood = accept === true ? null : await before()
  const target: CheckTarget = {
    asset: spec.key,
    dialect: dialectSql(deps.warehouse.dialect),
    relation: part === undefined ? spec.relation : part.relation,
    relationOf: part?.relationOf ?? manifest.relation,
    ...(part?.reads && { reads: part.reads }),
    ...(part?.partitionValue && { partitionValue: part.partitionValue }),
    columns,
    rows: checked.rows,
    counts: checked.counts,
    now,
    lastGood,
    categoriesOf: (column) => categoriesOf(manifest, spec, column),
  }
  const program = checkProgram(test, target)
  let step = program.next()
  while (step.done !== true) step = program.next(await deps.warehouse.query(step.value, { signal }))
  return step.value
}

/** What a window of the past holds is as old as it was when the window ended, however late it is made. */
function nowOf(part: PartToCheck | undefined, now: string): string {
  const end = part?.view.window?.end
  return end !== undefined && Date.parse(end) < Date.parse(now) ? end : now
}

/** What a categorical trait may be, in its own table or in a user model's. */
function categoriesOf(manifest: ManifestIndex, spec: AssetSpec, column: string): readonly string[] | null {
  const traits: readonly AssetKey[] = spec.kind === 'trait' ? [spec.key] : spec.kind === 'user_model' ? spec.traits : []
  const key = traits.find((each) => each === `trait/${column}`)
  if (key === undefined) return null
  const { trait } = manifest.assetOf('trait', key)
  return trait.type === 'categorical' ? trait.categories : null
}
