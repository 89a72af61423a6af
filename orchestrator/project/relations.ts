import type { AssetSpec, Relation } from '../contract/index.ts'
import type { Problems } from './problems.ts'

/** Equal for two names of one table: most warehouses fold case. */
export function relationId({ schema, name }: Relation): string {
  return `${schema}.${name}`.toLowerCase()
}

/** Reports two assets that would write one table. */
export function checkRelations(specs: readonly Omit<AssetSpec, 'codeVersion'>[], problems: Problems): void {
  const owners = new Map<string, Omit<AssetSpec, 'codeVersion'>>()
  for (const spec of specs) {
    if (spec.relation === null) continue
    const id = relationId(spec.relation)
    const other = owners.get(id)
    if (other === undefined) owners.set(id, spec)
    else {
      problems.add({
        name: spec.key,
        at: spec.definedAt,
        reason: `it has the table ${id}, as ${other.key} has`,
        fix: 'Give one of them another table',
      })
    }
  }
}
