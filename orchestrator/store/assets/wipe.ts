import { sql } from 'kysely'
import { TraitlineError, type AssetKey } from '../../contract/index.ts'
import type { Database, Tx } from '../database/database.ts'
import { appendEvents } from '../events/append.ts'

/**
 * Forgets what is materialised: the assets are as if they had never been, and their partitions too. Their history, their
 * tables and what a sync has sent stay. Answers those of which there was something to forget.
 * @throws TraitlineError WIPE_WHILE_RUNNING while a run that may make one of them has not ended
 */
export async function wipeAssets(
  { db }: Database,
  scopeId: number,
  keys: readonly AssetKey[],
): Promise<readonly AssetKey[]> {
  return db.transaction().execute(async (tx) => {
    const { rows: busy } = await sql<{ run: string; key: AssetKey }>`
      select id as run, key from traitline.run, unnest(${keys}::text[]) as asked (key)
      where scope_id = ${scopeId} and ended_at is null and key = any(targets) order by number limit 1`.execute(tx)
    if (busy[0] !== undefined) throw underWay(busy[0])
    const { rows } = await sql<{ id: string; key: AssetKey }>`
      select asset.id, asset.key from traitline.asset join traitline.asset_status on asset_id = asset.id
      where scope_id = ${scopeId} and asset.key = any(${keys}::text[])
        and (data_version is not null or status <> 'never'
          or exists (select 1 from traitline.asset_partition where asset_partition.asset_id = asset.id))
      order by asset.id`.execute(tx)
    if (rows.length === 0) return []
    const ids = rows.map(({ id }) => id)
    await forgetCauses(tx, scopeId, ids)
    await appendEvents(
      tx,
      scopeId,
      rows.map(({ key }) => ({ run: null, asset: key, type: 'asset_wiped' as const, data: {} })),
    )
    // Statuses and totals of partitions are written under the log's lock alone.
    await sql`delete from traitline.asset_partition where asset_id = any(${ids}::bigint[])`.execute(tx)
    await sql`delete from traitline.partition_total where asset_id = any(${ids}::bigint[])`.execute(tx)
    await sql`
      update traitline.asset_status set status = 'never', run = null, last_attempt = 'none', materialized_at = null,
        rows = null, data_version = null, code_version = null, upstream = null, warehouse = null, failed_checks = '{}',
        failure = null, succeeded_at = null, changed_at = null, materialized_sequence = null, sequence = (select max(sequence) from traitline.event where scope_id = ${scopeId})
      where asset_id = any(${ids}::bigint[])`.execute(tx)
    return rows.map(({ key }) => key)
  })
}

/**
 * What conditions started them for made what is forgotten: the same cause starts them again. An evaluation under way
 * would write down what it read, so that it has to begin anew. As it does, this comes before the log's lock.
 */
async function forgetCauses(tx: Tx, scopeId: number, ids: readonly string[]): Promise<void> {
  await sql`update traitline.automation set version = version + 1 where scope_id = ${scopeId}`.execute(tx)
  await sql`update traitline.automation_asset set cause = null where asset_id = any(${ids}::bigint[])`.execute(tx)
}

function underWay({ run, key }: { readonly run: string; readonly key: AssetKey }): TraitlineError {
  return new TraitlineError({
    code: 'WIPE_WHILE_RUNNING',
    message: `${key} cannot be wiped now: run ${run} is at work on it`,
    hint: `Wait for its end (traitline runs watch ${run}), or cancel it: traitline cancel ${run}`,
    blame: 'user',
  })
}
