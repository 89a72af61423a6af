import { createHash } from 'node:crypto'
import {
  maxIdentifier,
  syncRunsTable,
  syncSchema,
  syncTable,
  type Relation,
  type SyncTableRole,
} from '../contract/index.ts'

/** The sync engine's tables of one sync, in a schema of its own in the warehouse. */
export interface SyncTables {
  readonly schema: string
  /** One row: which sync run is frozen, its counts, and which one changed `delivered` last. */
  readonly ledger: Relation
  /** What the destination acknowledged: key, hash, operation, sync run, time. */
  readonly delivered: Relation
  /** The rows that the frozen sync run sends, with the columns that its mapping reads. */
  readonly frozen: Relation
  /** Keys that were left out before sending, with the reason and their number of rows. */
  readonly invalid: Relation
  /** Keys that the destination did not take, with its reason, or of which nobody can tell. */
  readonly excepted: Relation
  /** What became of each row of each sync run; only of syncs that ask for it. */
  readonly log: Relation
  /** The sync runs of all syncs of the project. */
  readonly runs: Relation
  /** States of batches and fates of rows, copied from the journal while they are merged. */
  readonly batches: Relation
  readonly exceptions: Relation
}

/**
 * @param projectSchema The schema of Traitline's own tables: `traitline_shop`.
 * @param sync The sync's name, without its kind.
 */
export function syncTables(projectSchema: string, sync: string): SyncTables {
  const schema = fitIdentifier(syncSchema(projectSchema))
  const table = (role: SyncTableRole): Relation => ({ schema, name: fitIdentifier(syncTable(role, sync)) })
  return {
    schema,
    ledger: table('ledger'),
    delivered: table('delivered'),
    frozen: table('frozen'),
    invalid: table('invalid'),
    excepted: table('excepted'),
    log: table('log'),
    runs: { schema, name: syncRunsTable },
    batches: table('batches'),
    exceptions: table('exceptions'),
  }
}

/**
 * The name itself if it fits, else its beginning and a hash of all of it: a project with names too long is refused when
 * it is compiled, and revisions from before are not.
 */
export function fitIdentifier(name: string): string {
  if (name.length <= maxIdentifier) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, maxIdentifier - hash.length - 1)}_${hash}`
}
