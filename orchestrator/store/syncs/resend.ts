import { sql } from 'kysely'
import type { AssetKey, Scope } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import type { PendingResend } from '../store.ts'

/** See `SyncJournal.requestResend`. With what it read forgotten, the sync is due. */
export async function requestResend(
  { db, scopes }: Database,
  scope: Scope,
  sync: AssetKey,
  from: AssetKey,
): Promise<number> {
  const scopeId = await scopes.find(scope)
  const { rows } = await sql<{ rows: number }>`
    with sync as materialized (
      select id from traitline.asset where scope_id = ${scopeId}::integer and key = ${sync}::text
    ), known as (
      select max(number) as up_to, coalesce(sum(unknown), 0)::bigint as rows
      from traitline.sync_run
      where asset_id = (select id from sync) and unknown > 0 and number > coalesce((
        select up_to from traitline.sync_resend where asset_id = (select id from sync) and applied_by is not null
      ), 0)
    ), wished as (
      insert into traitline.sync_resend (asset_id, up_to)
      select sync.id, known.up_to from sync, known where known.rows > 0
      on conflict (asset_id) do update set up_to = excluded.up_to, requested_at = now(), applied_by = null
      returning asset_id
    ), due as (
      update traitline.asset_status set upstream = upstream - ${from}::text
      from wished where asset_status.asset_id = wished.asset_id and upstream is not null
    )
    select known.rows from sync, known`.execute(db)
  if (!rows[0]) throw unknownAssets([sync])
  return rows[0].rows
}

/** See `SyncJournal.pendingResend`. */
export async function pendingResend(
  { db, scopes }: Database,
  scope: Scope,
  sync: AssetKey,
): Promise<PendingResend | null> {
  const scopeId = await scopes.find(scope)
  const { rows } = await sql<PendingResend>`
    select up_to as "upTo", array(
      select id from traitline.sync_run
      where asset_id = sync_resend.asset_id and unknown > 0 and number <= up_to order by number
    ) as "syncRuns"
    from traitline.sync_resend join traitline.asset on asset.id = sync_resend.asset_id
    where asset.scope_id = ${scopeId}::integer and asset.key = ${sync}::text and applied_by is null`.execute(db)
  return rows[0] ?? null
}
