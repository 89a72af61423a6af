import { Kysely, PostgresDialect } from 'kysely'
import type { PostgresPool, Transaction } from 'kysely'
import type { StorePool } from './pool.ts'
import { ScopeIds } from './scopes.ts'
import type { Tables } from './tables.ts'

export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>

/** What each part of the store works with. */
export interface Database {
  readonly db: Db
  readonly pool: StorePool
  readonly scopes: ScopeIds
}

export function openDatabase(pool: StorePool): Database {
  // Kysely's type of a client can open cursors too; it does so only for streams, which the store has none of.
  const dialect = new PostgresDialect({ pool: pool as unknown as PostgresPool })
  const db = new Kysely<Tables>({ dialect }).withSchema('traitline')
  return { db, pool, scopes: new ScopeIds(db) }
}
