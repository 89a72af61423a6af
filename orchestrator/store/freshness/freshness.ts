import { sql } from 'kysely'
import type { AssetKey, FreshnessFacts } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { EventPartitions } from '../events/partitions.ts'
import type { FreshnessStore } from '../store.ts'

export function createFreshnessStore({ db, scopes }: Database, partitions: EventPartitions): FreshnessStore {
  return {
    async facts(scope, keys) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return new Map<AssetKey, FreshnessFacts>()
      const rows = await db
        .selectFrom('asset')
        .innerJoin('asset_status', 'asset_status.asset_id', 'asset.id')
        .leftJoin('partition_total', 'partition_total.asset_id', 'asset.id')
        .select(['asset.key', 'registered_at', 'succeeded_at', 'materialized_at', 'changed_at', 'latest_position'])
        .where('asset.scope_id', '=', scopeId)
        .$if(keys !== null, (query) => query.where(sql<boolean>`asset.key = any(${keys}::text[])`))
        .execute()
      return new Map(
        rows.map((row) => [
          row.key,
          {
            knownSince: row.registered_at,
            succeededAt: row.succeeded_at,
            materializedAt: row.materialized_at,
            changedAt: row.changed_at,
            ...(row.latest_position !== null && { latestPosition: Number(row.latest_position) }),
          },
        ]),
      )
    },

    async confirm(scope, keys) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null || keys.length === 0) return
      await sql`
        update traitline.asset_status set succeeded_at = clock_timestamp()
        from traitline.asset
        where asset.id = asset_status.asset_id and asset.scope_id = ${scopeId}::integer
          and asset.key = any(${keys}::text[]) and data_version is not null`.execute(db)
    },

    async record(scope, judged) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      await sql`
        with new as materialized (
          select asset.id, asset.key, new.status, new.since, new.deadline
          from jsonb_to_recordset(${toJson(judged)}::jsonb)
            as new (asset text, status text, since timestamptz, deadline timestamptz)
          join traitline.asset on asset.scope_id = ${scopeId}::integer and asset.key = new.asset
        ), old as materialized (
          select asset_id, status from traitline.freshness where scope_id = ${scopeId}::integer order by asset_id for update
        ), gone as (
          delete from traitline.freshness where scope_id = ${scopeId}::integer and asset_id not in (select id from new)
            and (select count(*) from old) > 0
        ), written as (
          insert into traitline.freshness (asset_id, scope_id, status, since, deadline)
          -- After all of the old ones were read: a row that this statement has written can no longer be locked by it.
          select id, ${scopeId}::integer, status, since, deadline from new, (select count(*) from old) as read
          order by id
          on conflict (asset_id) do update
            set status = excluded.status, since = excluded.since, deadline = excluded.deadline, judged_at = now()
            where (freshness.status, freshness.since, freshness.deadline)
              is distinct from (excluded.status, excluded.since, excluded.deadline)
          returning asset_id
        )
        insert into traitline.event (scope_id, run, asset_id, type, data)
        select ${scopeId}::integer, null, new.id, 'freshness_changed', jsonb_build_object(
          'from', old.status, 'to', new.status, 'since', new.since, 'deadline', new.deadline)
        from new join written on written.asset_id = new.id left join old on old.asset_id = new.id
        where old.status is distinct from new.status and (old.status is not null or new.status in ('warn', 'late'))
        order by new.id`.execute(db)
    },

    async recorded(scope) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      return db
        .selectFrom('freshness')
        .innerJoin('asset', 'asset.id', 'freshness.asset_id')
        .select(['asset.key as asset', 'status', 'since', 'deadline'])
        .where('freshness.scope_id', '=', scopeId)
        .orderBy('asset.key')
        .execute()
    },
  }
}
