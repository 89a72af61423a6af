import type { SqlTemplate, TemplateValue } from '../contract/index.ts'
import type { columnsOf, holds, HoldsAnything } from './column.ts'
import { checkArguments } from './check.ts'
import { partitionParameter, partitionRead, type PartitionParameter, type PartitionRead } from './partitions.ts'
import { either, like, listOf, made, text } from './shape.ts'
import { tableReference, type TableReference } from './table-reference.ts'

export type { TableReference } from './table-reference.ts'

const tableReferences = listOf('assets with tables', tableReference)
const { example, whenMissing } = tableReference
const sqlHoles = listOf('assets with tables', {
  ...either(tableReference, partitionRead, partitionParameter),
  example,
  whenMissing,
})

/** A query over assets. */
export interface Sql {
  readonly kind: 'sql'
  readonly template: SqlTemplate
  readonly refs: readonly TableReference[]
  /** Which partitions it reads, of assets of which it says so. */
  readonly reads: readonly PartitionRead[]
  readonly [holds]?: HoldsAnything
  readonly [columnsOf]?: never
}

export const sqlText = made('SQL', 'sql', { refs: tableReferences })

const templateStrings = like(listOf('texts', text), 'sql`select id from ${purchases}`')

/**
 * A query. Each `${asset}` becomes the asset's table, and an edge of the graph. Where partitions are made,
 * `${partition.start}` and its like become parameters, and `${lastPartitions(asset, 7)}` the table of those partitions;
 * nothing else may be interpolated.
 *
 * ```ts
 * sql`select customer_id, count(*) >= 2 as value from ${purchases} group by customer_id`
 * ```
 */
export function sql(
  strings: TemplateStringsArray,
  ...tables: readonly (TableReference | PartitionRead | PartitionParameter)[]
): Sql {
  checkArguments('sql', { strings: templateStrings, tables: sqlHoles }, { strings, tables })
  const texts = [strings[0] ?? '']
  const refs: TableReference[] = []
  const reads: PartitionRead[] = []
  const values: TemplateValue[] = []
  for (const [index, hole] of tables.entries()) {
    const following = strings[index + 1] ?? ''
    const last = texts.length - 1
    if (hole.kind === 'partition_value') {
      const { value, dimension } = hole
      values.push({ string: last, offset: texts[last]!.length, value, dimension })
      texts[last] += following
      continue
    }
    if (hole.kind === 'partition_read') reads.push(hole)
    refs.push(hole.kind === 'partition_read' ? hole.table : hole)
    texts.push(following)
  }
  return Object.freeze({
    kind: 'sql',
    template: Object.freeze({
      strings: Object.freeze(texts),
      refs: Object.freeze(refs.map((table) => table.key)),
      ...(values.length === 0 ? {} : { values: Object.freeze(values) }),
    }),
    refs: Object.freeze(refs),
    reads: Object.freeze(reads),
  })
}
