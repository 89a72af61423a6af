import type { SqlTemplate } from '../contract/index.ts'
import type { columnsOf, holds, HoldsAnything } from './column.ts'
import { checkArguments } from './check.ts'
import { definitionOf, type Definition } from './definition.ts'
import { like, listOf, made, text } from './shape.ts'

/** An asset with rows in the warehouse: what SQL may name. */
export interface TableReference extends Definition {
  readonly kind: 'source' | 'model' | 'notebook' | 'trait' | 'user_model' | 'audience'
  readonly key: SqlTemplate['refs'][number]
}

export const tableReference = like(
  definitionOf('source', 'model', 'notebook', 'trait', 'user_model', 'audience'),
  "purchases, or warehouse.model('customers')",
)
const tableReferences = listOf('assets with tables', tableReference)

/** A query over assets. */
export interface Sql {
  readonly kind: 'sql'
  readonly template: SqlTemplate
  readonly refs: readonly TableReference[]
  readonly [holds]?: HoldsAnything
  readonly [columnsOf]?: never
}

export const sqlText = made('SQL', 'sql', { refs: tableReferences })

const templateStrings = like(listOf('texts', text), 'sql`select id from ${purchases}`')

/**
 * A query. Each `${asset}` becomes the asset's table, and an edge of the graph; nothing else may be interpolated.
 *
 * ```ts
 * sql`select customer_id, count(*) >= 2 as value from ${purchases} group by customer_id`
 * ```
 */
export function sql(strings: TemplateStringsArray, ...tables: readonly TableReference[]): Sql {
  checkArguments('sql', { strings: templateStrings, tables: tableReferences }, { strings, tables })
  return Object.freeze({
    kind: 'sql',
    template: Object.freeze({
      strings: Object.freeze([...strings]),
      refs: Object.freeze(tables.map((table) => table.key)),
    }),
    refs: Object.freeze([...tables]),
  })
}
