import { sql } from 'kysely'
import type { AssetKey, PartitionValue, Relation, SqlTemplate } from '../contract/index.ts'
import { table } from './compile.ts'
import type { Fragment } from './dialect.ts'

/** A semicolon that ends a query, whatever comments stand behind it. */
const ending = /\s*;\s*(?:--[^\n']*(?:\n\s*|$))*$/

/** A user's SQL with its references filled in, fit to stand in parentheses: `(select ... )`. */
export function compileTemplate(
  template: SqlTemplate,
  relationOf: (asset: AssetKey) => Relation,
  valueOf?: (value: PartitionValue) => Fragment,
): Fragment {
  const parts = template.strings.flatMap((text, index) => {
    const ref = template.refs[index]
    const last = index === template.strings.length - 1
    const raw = withValues(template, index, last ? text.replace(ending, '') : text, valueOf)
    return ref === undefined ? raw : [...raw, table(relationOf(ref))]
  })
  // On lines of its own, so that a comment at its end does not swallow the parenthesis.
  return sql`(\n${sql.join(parts, sql.raw(''))}\n)`
}

/** A piece of text, cut where it asks for something of the partition. */
function withValues(
  { values = [] }: SqlTemplate,
  index: number,
  text: string,
  valueOf: ((value: PartitionValue) => Fragment) | undefined,
): Fragment[] {
  const parts: Fragment[] = []
  let from = 0
  for (const { string, offset, value, dimension } of values) {
    if (string !== index) continue
    parts.push(sql.raw(text.slice(from, offset)), valueOf === undefined ? sql`null` : valueOf({ value, dimension }))
    from = offset
  }
  return [...parts, sql.raw(text.slice(from))]
}
