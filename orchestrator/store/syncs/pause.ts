import { sql } from 'kysely'
import type { AssetKey, PausedSync, Scope } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import { appendEvents } from '../events/append.ts'

/** See `SyncJournal.pause`. */
export async function pauseSync(
  { db, scopes }: Database,
  scope: Scope,
  sync: AssetKey,
  { by, reason, run }: { readonly by: PausedSync['by']; readonly reason: string | null; readonly run?: string },
): Promise<void> {
  const scopeId = await scopes.ensure(scope)
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ known: boolean; paused: boolean }>`
      with sync as (
        select id from traitline.asset where scope_id = ${scopeId}::integer and key = ${sync}::text
      ), paused as (
        insert into traitline.sync_pause (asset_id, by, reason) select id, ${by}::text, ${reason}::text from sync
        on conflict do nothing returning asset_id
      )
      select exists (select 1 from sync) as known, exists (select 1 from paused) as paused`.execute(tx)
    if (rows[0]?.known !== true) throw unknownAssets([sync])
    if (!rows[0].paused) return
    await appendEvents(tx, scopeId, [{ run: run ?? null, asset: sync, type: 'sync_paused', data: { by, reason } }])
  })
}

/** See `SyncJournal.unpause`. */
export async function unpauseSync({ db, scopes }: Database, scope: Scope, sync: AssetKey): Promise<boolean> {
  const scopeId = await scopes.ensure(scope)
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql`
      delete from traitline.sync_pause using traitline.asset
      where asset.id = asset_id and scope_id = ${scopeId}::integer and key = ${sync}::text
      returning asset_id`.execute(tx)
    if (rows.length === 0) return false
    await appendEvents(tx, scopeId, [{ run: null, asset: sync, type: 'sync_unpaused', data: {} }])
    return true
  })
}

/** See `SyncJournal.paused`. */
export async function pausedSyncs({ db, scopes }: Database, scope: Scope): Promise<PausedSync[]> {
  const scopeId = await scopes.find(scope)
  const { rows } = await sql<PausedSync>`
    select asset.key as sync, since, by, reason from traitline.sync_pause join traitline.asset on asset.id = asset_id
    where scope_id = ${scopeId}::integer order by asset.key`.execute(db)
  return rows
}
