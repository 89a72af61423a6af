/**
 * Names of definitions become names of schemas and tables in the warehouse, all of them here.
 */

/**
 * PostgreSQL keeps so many bytes of an identifier and drops the rest silently, so that two could become one. DuckDB
 * keeps all; a project is held to the same there, so that it can move. Names are ASCII: a character is a byte.
 */
export const maxIdentifier = 63

/** Schema of Traitline's own tables. */
export function projectSchema(project: string): string {
  return `traitline_${project}`
}

/** Schema of the sync engine's tables, beside a project's own. */
export function syncSchema(schema: string): string {
  return `${schema}_sync`
}

/** Schema of a dbt project's models, unless it names one. */
export function dbtSchema(dbt: string): string {
  return `dbt_${dbt}`
}

export type OwnTableKind = 'notebook' | 'trait' | 'user_model' | 'audience'

/** One of Traitline's own tables. */
export function ownTable(kind: OwnTableKind, name: string): string {
  return `${kind}_${name}`
}

const syncTableRoles = ['ledger', 'delivered', 'frozen', 'invalid', 'excepted', 'log', 'batches', 'exceptions'] as const

/** In the sync engine's schema: the sync runs of all syncs of a project. */
export const syncRunsTable = 'sync_runs'

export type SyncTableRole = (typeof syncTableRoles)[number]

/** One of the sync engine's tables of one sync. */
export function syncTable(role: SyncTableRole, sync: string): string {
  return `${role}_${sync}`
}

const identifiers: Readonly<Record<string, (name: string) => readonly string[]>> = {
  notebook: (name) => [ownTable('notebook', name)],
  trait: (name) => [ownTable('trait', name)],
  user_model: (name) => [ownTable('user_model', name)],
  audience: (name) => [ownTable('audience', name)],
  sync: (name) => syncTableRoles.map((role) => syncTable(role, name)),
  dbt: (name) => [dbtSchema(name)],
  project: (name) => [projectSchema(name), syncSchema(projectSchema(name))],
}

/** The longest identifier that a warehouse is given for a name; the name itself for kinds that make none of it. */
export function longestIdentifier(kind: string, name: string): string {
  const made = identifiers[kind]?.(name) ?? [name]
  return made.reduce((longest, next) => (next.length > longest.length ? next : longest))
}

/** How long the name of a definition may be. */
export function maxName(kind: string): number {
  return maxIdentifier - longestIdentifier(kind, '').length
}
