import { usualRetention, type CheckSpec, type JsonObject, type Relation } from '../../orchestrator/contract/index.ts'
import {
  createSamples,
  dialectSql,
  expireSamples,
  forgetSamples,
  keepSamples,
  type SampleOwner,
  type Statement,
  type Verdict,
} from '../../orchestrator/sql/index.ts'
import { ensureSchema } from '../warehouse/schema.ts'
import type { CheckDeps } from './deps.ts'
import type { ToCheck } from './evaluate.ts'

/** Rows of each failed check that are kept. */
const most = 100
const dayMs = 86_400_000

/** Whether the table is there, by warehouse and name: it is asked once. */
const known = new Map<string, boolean>()

export interface Judged {
  readonly check: CheckSpec
  readonly verdict: Verdict
}

/**
 * Keeps some of the rows that failed where they are: in a table of the warehouse, which the check's metadata names. They
 * go when the check passes, or are as old as logs may become. That they cannot be kept fails no check.
 */
export async function keepFailingRows(
  deps: CheckDeps,
  checked: ToCheck,
  judged: readonly Judged[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const { manifest, signal } = checked
  const relation: Relation = { schema: manifest.manifest.schema, name: 'failing_rows' }
  const kept = new Map<string, JsonObject>()
  try {
    const failed = judged.filter(({ verdict }) => !verdict.passed && verdict.failing !== undefined)
    if (!(await isThere(deps, relation, failed.length > 0, signal))) return kept
    const dialect = dialectSql(deps.warehouse.dialect)
    const now = deps.clock()
    const days = manifest.manifest.retention?.logsDays ?? usualRetention.logsDays
    const before = new Date(now.getTime() - days * dayMs).toISOString()
    const project = ownerOf(checked, '').project
    const statements: Statement[] = [expireSamples(dialect, relation, project, before)]
    for (const { check, verdict } of judged) {
      const owner = ownerOf(checked, check.name)
      const rows = verdict.failing
      if (verdict.passed || rows === undefined) statements.push(forgetSamples(relation, owner))
      else {
        const reads = checked.part?.reads ?? []
        statements.push(...keepSamples(dialect, relation, owner, { rows, reads }, { at: now.toISOString(), most }))
      }
    }
    await deps.warehouse.transaction(statements, { signal })
    for (const { check } of failed) kept.set(check.name, { table: `${relation.schema}.${relation.name}`, most, days })
  } catch {
    signal.throwIfAborted()
    // Somebody may have dropped it.
    known.clear()
  }
  return kept
}

function ownerOf({ scope, spec, part }: ToCheck, check: string): SampleOwner {
  return { project: scope.project, asset: spec.key, check, partition: part?.view.key ?? '' }
}

async function isThere(deps: CheckDeps, relation: Relation, wanted: boolean, signal: AbortSignal): Promise<boolean> {
  const { warehouse } = deps
  const id = `${await warehouse.identity()} ${relation.schema}`
  if (known.get(id) === undefined) known.set(id, (await warehouse.describe(relation, { signal })) !== null)
  if (known.get(id) === true) return true
  if (!wanted) return false
  await ensureSchema(warehouse, relation.schema)
  await warehouse.transaction([createSamples(dialectSql(warehouse.dialect), relation)], { signal })
  known.set(id, true)
  return true
}
