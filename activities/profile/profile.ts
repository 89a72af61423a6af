import type { ColumnSpec, ColumnStatistics, Relation } from '../../orchestrator/contract/index.ts'
import { TraitlineError } from '../../orchestrator/contract/index.ts'
import {
  bucketQuery,
  dialectSql,
  estimateQuery,
  fingerprintQuery,
  namedRelation,
  readFingerprint,
  readStatistics,
  readSummaries,
  summaryQueries,
  type Fragment,
} from '../../orchestrator/sql/index.ts'
import type { Warehouse, WarehouseCall } from '../warehouse/warehouse.ts'

export interface ProfileColumn extends Pick<ColumnSpec, 'name' | 'type'> {
  /** Decimal digits that matter in the fingerprint; nine significant digits without it. */
  readonly precision?: number | null
  /** Declared categories, whose counts are shown. */
  readonly categories?: readonly string[] | null
  /** False for keys: part of the fingerprint, but nothing is told of them. */
  readonly statistics?: boolean
}

export interface Profile {
  readonly rows: number
  /** Fingerprint of the content: `Materialization.dataVersion`. */
  readonly dataVersion: string
  /** In the order of the columns. */
  readonly statistics: readonly ColumnStatistics[]
}

const sketchBeyondRows = 5_000_000
/** Up to here distinct values and quantiles are exact; beyond, within a few percent. */
const exactUpToRows = 1_000_000

/**
 * Fingerprint and statistics of a table that was just written. Without `columns`, all that the table has.
 *
 *     const { rows, dataVersion, statistics } = await profileRelation(warehouse, { relation: spec.relation })
 */
export async function profileRelation(
  warehouse: Warehouse,
  input: { readonly relation: Relation; readonly columns?: readonly ProfileColumn[] },
  call: WarehouseCall = {},
): Promise<Profile> {
  const columns: readonly ProfileColumn[] = input.columns ?? (await columnsOf(warehouse, input.relation, call))
  const { rows, dataVersion } = await fingerprint(warehouse, input.relation, columns, 'sum', call)
  const profiled = columns.filter((each) => each.statistics !== false)
  return { rows, dataVersion, statistics: await statisticsOf(warehouse, input.relation, profiled, rows, call) }
}

/** Fingerprint of a table that others write: whole up to five million rows as the planner sees them, else a sketch. */
export async function observeRelation(
  warehouse: Warehouse,
  input: {
    readonly relation: Relation
    readonly columns: readonly ProfileColumn[]
    readonly sketchBeyondRows?: number
  },
  call: WarehouseCall = {},
): Promise<Pick<Profile, 'rows' | 'dataVersion'>> {
  const [explained] = await warehouse.query(estimateQuery(input.relation), call)
  const estimate = explained === undefined ? null : dialectSql(warehouse.dialect).estimateOf(explained)
  const method = estimate !== null && estimate > (input.sketchBeyondRows ?? sketchBeyondRows) ? 'sketch' : 'sum'
  const { representative, ...seen } = await fingerprint(warehouse, input.relation, input.columns, method, call)
  if (representative) return seen
  // Its columns are alike in too many rows to take a sample by.
  const { rows, dataVersion } = await fingerprint(warehouse, input.relation, input.columns, 'sum', call)
  return { rows, dataVersion }
}

async function columnsOf(warehouse: Warehouse, relation: Relation, call: WarehouseCall): Promise<ColumnSpec[]> {
  const columns = await warehouse.describe(relation, call)
  if (columns !== null) return columns
  throw new TraitlineError({
    code: 'RELATION_MISSING',
    message: `${relation.schema}.${relation.name} is not in the warehouse`,
    hint: 'Check that what should have made it wrote to this schema and name.',
    blame: 'user',
  })
}

async function fingerprint(
  warehouse: Warehouse,
  relation: Relation,
  columns: readonly ProfileColumn[],
  method: 'sum' | 'sketch',
  call: WarehouseCall,
): Promise<ReturnType<typeof readFingerprint>> {
  const statement = fingerprintQuery(dialectSql(warehouse.dialect), relation, columns, method)
  const [row] = await warehouse.query(statement, call)
  return readFingerprint(row ?? {}, columns, method)
}

/** Fingerprint of the rows of a query. */
export async function fingerprintRows(
  warehouse: Warehouse,
  query: Fragment,
  columns: readonly ProfileColumn[],
  call: WarehouseCall = {},
): Promise<Pick<Profile, 'rows' | 'dataVersion'>> {
  const read = { name: 'rows_of_it', query }
  const statement = fingerprintQuery(dialectSql(warehouse.dialect), namedRelation(read), columns, 'sum', [read])
  const [row] = await warehouse.query(statement, call)
  return readFingerprint(row ?? {}, columns, 'sum')
}

async function statisticsOf(
  warehouse: Warehouse,
  relation: Relation,
  columns: readonly ProfileColumn[],
  rows: number,
  call: WarehouseCall,
): Promise<ColumnStatistics[]> {
  const dialect = dialectSql(warehouse.dialect)
  const answers = []
  for (const query of summaryQueries(dialect, relation, columns, rows <= exactUpToRows)) {
    answers.push((await warehouse.query(query, call))[0] ?? {})
  }
  const summaries = readSummaries(columns, answers)
  const buckets = bucketQuery(dialect, relation, columns, summaries)
  return readStatistics(columns, summaries, buckets === null ? [] : await warehouse.query(buckets, call))
}
