import { sql } from 'kysely'
import type { AssetKey, Scope, SyncRequest } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'

/** See `SyncJournal.request`. With what it read forgotten, the sync is due. */
export async function requestOnce(
  { db, scopes }: Database,
  scope: Scope,
  sync: AssetKey,
  from: AssetKey,
  request: SyncRequest,
): Promise<void> {
  const scopeId = await scopes.find(scope)
  const { rows } = await sql`
    with wished as (
      insert into traitline.sync_request (asset_id, request)
      select id, ${request}::text from traitline.asset where scope_id = ${scopeId}::integer and key = ${sync}::text
      on conflict (asset_id) do update set request = excluded.request, requested_at = now(), applied_by = null
      returning asset_id
    ), due as (
      update traitline.asset_status set upstream = upstream - ${from}::text
      from wished where asset_status.asset_id = wished.asset_id and upstream is not null
    )
    select asset_id from wished`.execute(db)
  if (!rows[0]) throw unknownAssets([sync])
}

/** See `SyncJournal.pendingRequest`. */
export async function pendingRequest(
  { db, scopes }: Database,
  scope: Scope,
  sync: AssetKey,
): Promise<SyncRequest | null> {
  const scopeId = await scopes.find(scope)
  const { rows } = await sql<{ request: SyncRequest }>`
    select request from traitline.sync_request join traitline.asset on asset.id = sync_request.asset_id
    where asset.scope_id = ${scopeId}::integer and asset.key = ${sync}::text and applied_by is null`.execute(db)
  return rows[0]?.request ?? null
}
