import type { AssetKey, SourceLoad, SourceLocation } from '../contract/index.ts'
import { checkDefinition } from './check.ts'
import { columnInputs, columnSpecs, tableMethods, type ColumnInputs, type ColumnTypes, type Table } from './column.ts'
import { sourceLoad } from './csv.ts'
import { assetInfo, assetOptions, branded, type AssetInfo, type AssetOptions } from './definition.ts'
import { locationOfCall } from './location.ts'
import { partitionsShape, type Partitions } from './partitions.ts'
import { either, like, oneOf, optional, recordOf, text, type Shapes } from './shape.ts'

/** A table that others fill, or that Traitline fills from files. */
export interface Source<Columns = unknown> extends Table<Columns>, AssetInfo {
  readonly kind: 'source'
  readonly key: AssetKey
  /** `schema.name`. */
  readonly table: string
  readonly load: SourceLoad | null
  readonly partitions: Partitions | null
  readonly partitionBy: string | Readonly<Record<string, string>> | null
  readonly reportedBy: 'others' | null
}

export interface SourceOptions<Columns extends ColumnInputs> extends AssetOptions {
  /** `schema.name` in the warehouse. */
  readonly table: string
  readonly columns: Columns
  /** Files that Traitline loads into the table. Without it the table is only looked at. */
  readonly load?: SourceLoad
  /** How it is cut into partitions, each looked at by itself. Needs `partitionBy`, and is not for loaded files. */
  readonly partitions?: Partitions
  /**
   * The column that tells the partition: a timestamp in UTC or a date for time, a text for keys. With several
   * dimensions one for each: `{ day: 'at', country: 'country' }`.
   */
  readonly partitionBy?: string | Readonly<Record<string, string>>
  /**
   * `others`: a job outside Traitline fills the table, and says so each time that it did, with `traitline report` or
   * `POST /api/v1/assets/{key}/materializations`. No run looks at it: what was reported last is what is true of it.
   */
  readonly reportedBy?: 'others'
}

export const sourceOptions = {
  ...assetOptions,
  table: like(text, "table: 'raw.purchases'"),
  columns: like(columnInputs, "columns: { customer_id: 'text' }"),
  load: optional(sourceLoad),
  partitions: optional(partitionsShape),
  partitionBy: optional(either(text, recordOf('texts', text))),
  reportedBy: optional(oneOf(['others'])),
} satisfies Shapes<SourceOptions<ColumnInputs>>

/**
 * An observed table.
 *
 * ```ts
 * const purchases = source('purchases', {
 *   table: 'raw.purchases',
 *   columns: { customer_id: 'text', purchased_on: 'date', amount: 'number' },
 *   load: csv('data/purchases.csv'),
 * })
 * ```
 *
 * One that a job outside of Traitline fills and reports:
 *
 * ```ts
 * const scores = source('fraud_scores', {
 *   table: 'ml.fraud_scores',
 *   columns: { customer_id: 'text', score: 'number' },
 *   reportedBy: 'others',
 * })
 * // when the job is done: traitline report source/fraud_scores --data-version 2026-03-01 --rows 48211
 * ```
 */
export function source<const Columns extends ColumnInputs>(
  name: string,
  options: SourceOptions<Columns>,
): Source<ColumnTypes<Columns>> {
  checkDefinition('source', name, options, sourceOptions)
  return makeSource(name, options, locationOfCall(source))
}

/** For presets, which check their options and say where they were called themselves. */
export function makeSource<Columns extends ColumnInputs>(
  name: string,
  options: SourceOptions<Columns>,
  definedAt: SourceLocation | null,
): Source<ColumnTypes<Columns>> {
  return branded(
    {
      kind: 'source' as const,
      name,
      key: `source/${name}` as const,
      ...assetInfo(options),
      table: options.table,
      columns: columnSpecs(options.columns),
      load: options.load ?? null,
      partitions: options.partitions ?? null,
      partitionBy: options.partitionBy ?? null,
      reportedBy: options.reportedBy ?? null,
      refs: [],
      definedAt,
    },
    tableMethods,
  ) as unknown as Source<ColumnTypes<Columns>>
}
