import { sql } from 'kysely'
import type { AssetKey, Relation, SqlTemplate } from '../contract/index.ts'
import { table } from './compile.ts'
import type { Fragment } from './dialect.ts'

/** A semicolon that ends a query, whatever comments stand behind it. */
const ending = /\s*;\s*(?:--[^\n']*(?:\n\s*|$))*$/

/** A user's SQL with its references filled in, fit to stand in parentheses: `(select ... )`. */
export function compileTemplate(template: SqlTemplate, relationOf: (asset: AssetKey) => Relation): Fragment {
  const parts = template.strings.flatMap((text, index) => {
    const ref = template.refs[index]
    const last = index === template.strings.length - 1
    const raw = sql.raw(last ? text.replace(ending, '') : text)
    return ref === undefined ? [raw] : [raw, table(relationOf(ref))]
  })
  // On lines of its own, so that a comment at its end does not swallow the parenthesis.
  return sql`(\n${sql.join(parts, sql.raw(''))}\n)`
}
