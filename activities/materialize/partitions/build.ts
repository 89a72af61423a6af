import { isTraitlineError, type AssetSpec, type Relation } from '../../../orchestrator/contract/index.ts'
import {
  dialectSql,
  dropStaging,
  ensurePartitionTables,
  fillStaging,
  partitionColumn,
  partitionFingerprints,
  partitionTables,
  publishPartitions,
  readPartitionFingerprint,
  stagingRelation,
  withPartition,
  type Fragment,
  type StagedColumn,
} from '../../../orchestrator/sql/index.ts'
import type { ProfileColumn } from '../../profile/profile.ts'
import { toFailure } from '../../runtime/index.ts'
import { ensureSchema } from '../../warehouse/schema.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { explainMissing, type Read } from '../columns.ts'
import { ofAsset } from '../materialize-asset.ts'
import type { Part, PartitionJob, PartResult } from './make.ts'

export interface PartitionsToBuild {
  readonly columns: readonly StagedColumn[]
  /** The rows of one partition, in the order of the columns. */
  rowsOf(part: Part): Fragment
  /** What they read. */
  readonly reads: readonly Read[]
  /** Of what was staged, what must not take the place of what is there, and why. */
  check?(staging: Relation): Promise<ReadonlyMap<string, unknown>>
  readonly profile: readonly ProfileColumn[]
}

type Job = PartitionJob<AssetSpec & { readonly relation: Relation }>

/**
 * Fills partitions aside, checks them there, and puts each in the place of what was there of it: all of a step at once,
 * or one by one where one of them fails, so that it alone does.
 */
export async function buildPartitions(
  warehouse: Warehouse,
  job: Job,
  table: PartitionsToBuild,
): Promise<readonly PartResult[]> {
  await ensureSchema(warehouse, job.spec.relation.schema)
  try {
    return await build(warehouse, job, table, job.parts)
  } catch (error) {
    job.signal.throwIfAborted()
    if (isNobodysFault(error)) throw error
    if (job.parts.length === 1) return [{ partition: job.parts[0]!.partition, failure: failureOf(job, error) }]
  }
  const results: PartResult[] = []
  for (const part of job.parts) {
    results.push(
      ...(await build(warehouse, job, table, [part]).catch((error: unknown): PartResult[] => {
        job.signal.throwIfAborted()
        if (isNobodysFault(error)) throw error
        return [{ partition: part.partition, failure: failureOf(job, error) }]
      })),
    )
  }
  return results
}

function isNobodysFault(error: unknown): boolean {
  return !isTraitlineError(error) || error.blame === 'system'
}

function failureOf({ spec }: Job, error: unknown) {
  return toFailure(ofAsset(spec.key, error))
}

async function build(
  warehouse: Warehouse,
  job: Job,
  table: PartitionsToBuild,
  parts: readonly Part[],
): Promise<PartResult[]> {
  const { spec, signal, input } = job
  const { relation } = spec
  const dialect = dialectSql(warehouse.dialect)
  const columns: StagedColumn[] = [...table.columns, { name: partitionColumn, type: 'text' }]
  // Steps of one asset may work at once: each has a table of its own aside.
  const aside = { schema: relation.schema, name: `${relation.name} ${input.step.id} ${parts[0]!.partition}` }
  const staging = stagingRelation(aside)
  const rows = parts.map((part) => withPartition(dialect, table.rowsOf(part), columns.length - 1, part.partition))
  try {
    await warehouse.transaction(fillStaging(dialect, aside, columns, ...rows), { signal })
  } catch (error) {
    throw await explainMissing(warehouse, spec.key, table.reads, error, { signal })
  }
  try {
    const bad = (await table.check?.(staging)) ?? new Map<string, unknown>()
    const good = parts.filter(({ partition }) => !bad.has(partition))
    const failed = parts
      .filter(({ partition }) => bad.has(partition))
      .map(({ partition }) => ({ partition, failure: failureOf(job, bad.get(partition)) }))
    if (good.length === 0) {
      await warehouse.transaction([dropStaging(aside)])
      return failed
    }
    await ensureTables(warehouse, job, table.columns)
    await warehouse.transaction(publishPartitions(dialect, relation, table.columns, staging, good), { signal })
    return [...(await versionsOf(warehouse, job, table.profile, good)), ...failed]
  } catch (error) {
    await warehouse.transaction([dropStaging(aside)]).catch(() => undefined)
    throw error
  }
}

export async function versionsOf(
  warehouse: Warehouse,
  { spec, signal }: Job,
  profile: readonly ProfileColumn[],
  parts: readonly Part[],
): Promise<PartResult[]> {
  const keys = parts.map(({ partition }) => partition)
  const statement = partitionFingerprints(dialectSql(warehouse.dialect), spec.relation, profile, keys)
  const found = await warehouse.query(statement, { signal, limit: keys.length })
  return found.map((row) => readPartitionFingerprint(row, profile))
}

/** The tables of an asset's partitions and its view, made or fitted where they are not what they should be. */
export async function ensureTables(
  warehouse: Warehouse,
  { spec, signal }: Job,
  columns: readonly StagedColumn[],
): Promise<void> {
  const { relation } = spec
  const { rows } = partitionTables(relation)
  const fits = async (): Promise<boolean> => {
    const [existing, view] = await Promise.all([
      warehouse.describe(rows, { signal }),
      warehouse.describe(relation, { signal }),
    ])
    const known = new Map((existing ?? []).map(({ name, type }) => [name, type]))
    return view !== null && known.has(partitionColumn) && columns.every(({ name, type }) => known.get(name) === type)
  }
  if (await fits()) return
  const existing = await warehouse.describe(rows, { signal })
  const latest = spec.partitions?.dimensions.some(({ type }) => type === 'time') === true
  const ensure = ensurePartitionTables(dialectSql(warehouse.dialect), relation, columns, existing, latest)
  const replaced = existing === null ? await tableInTheWay(warehouse, relation, signal) : []
  try {
    await warehouse.transaction([...replaced, ...ensure], { signal })
  } catch (error) {
    // Another step of the asset may have made them at the same time.
    if (!(await fits())) throw error
  }
}

/** An asset that had no partitions before has a table where its view goes. */
async function tableInTheWay(warehouse: Warehouse, { schema, name }: Relation, signal: AbortSignal) {
  const text = `select table_type from information_schema.tables where table_schema = $1 and table_name = $2`
  const [found] = await warehouse.query({ text, parameters: [schema, name] }, { signal })
  if (found?.['table_type'] !== 'BASE TABLE') return []
  return [{ text: `drop table "${schema}"."${name}"`, parameters: [] }]
}
