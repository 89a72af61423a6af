import { nameOf } from '../../orchestrator/contract/index.ts'
import { syncTables } from '../../orchestrator/sql/sync-names.ts'
import type { Relation } from '../../orchestrator/contract/index.ts'
import type { SyncDeps } from './deps.ts'
import type { SyncSetup } from './setup.ts'

const roles = ['ledger', 'delivered', 'frozen', 'invalid', 'batches', 'exceptions'] as const

/**
 * Of a sync that was renamed, the ledger in the warehouse gets the new name, all of its tables in one transaction:
 * without it, everyone would be sent again. Done once: afterwards there is nothing under the old name.
 */
export async function adoptTables({ warehouse }: SyncDeps, setup: SyncSetup, signal: AbortSignal): Promise<void> {
  const { formerly } = setup.spec
  if (formerly === undefined) return
  const { tables } = setup
  const exists = async (relation: Relation): Promise<boolean> =>
    (await warehouse.describe(relation, { signal })) !== null
  if (await exists(tables.ledger)) return
  const old = syncTables(setup.projectSchema, nameOf(formerly))
  if (!(await exists(old.ledger))) return
  const statements = []
  for (const role of roles) {
    if (!(await exists(old[role]))) continue
    statements.push({
      text: `alter table ${quoted(old[role].schema)}.${quoted(old[role].name)} rename to ${quoted(tables[role].name)}`,
      parameters: [],
    })
  }
  await warehouse.transaction(statements, { signal })
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
