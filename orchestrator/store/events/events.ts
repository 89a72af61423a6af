import type { TraitlineEvent } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { NamedStatement } from '../database/pool.ts'
import type { EventStore } from '../store.ts'
import type { EventListener } from './listener.ts'
import type { EventPartitions } from './partitions.ts'

const appendStatement: NamedStatement = {
  name: 'traitline_append_event',
  text: `
with asset as materialized (
  select id from traitline.asset where scope_id = $1::integer and key = $3::text
), first as (
  insert into traitline.event_key (scope_id, run, key)
  select $1::integer, coalesce($2::text, ''), $6::text where $6::text is not null and ($3::text is null or exists (select 1 from asset))
  on conflict do nothing
  returning key
), logged as (
  insert into traitline.event (scope_id, run, asset_id, type, data)
  select $1::integer, $2::text, (select id from asset), $4::text, $5::jsonb
  where ($6::text is null or exists (select 1 from first)) and ($3::text is null or exists (select 1 from asset))
)
select $3::text is null or exists (select 1 from asset) as known`,
}

export function createEventStore(
  { db, pool, scopes }: Database,
  partitions: EventPartitions,
  listener: EventListener,
): EventStore {
  return {
    async append({ scope, run, asset, type, data, once }) {
      const scopeId = await scopes.ensure(scope)
      await partitions.ensure()
      const values = [scopeId, run, asset, type, toJson(data), once ?? null]
      const [answer] = await pool.run<{ known: boolean }>(appendStatement, values)
      if (!answer?.known && asset !== null) throw unknownAssets([asset])
    },

    async after(sequence, { scope, run, asset }, limit): Promise<TraitlineEvent[]> {
      const scopeId = scope && (await scopes.find(scope))
      if (scopeId === null) return []
      return db
        .selectFrom('event')
        .innerJoin('scope', 'scope.id', 'event.scope_id')
        .leftJoin('asset', 'asset.id', 'event.asset_id')
        .select(['sequence', 'at', 'environment', 'project', 'run', 'asset.key as asset', 'type', 'data'])
        .where('sequence', '>', sequence)
        .$if(scopeId !== undefined, (query) => query.where('event.scope_id', '=', scopeId!))
        .$if(run !== undefined, (query) => query.where('event.run', '=', run!))
        .$if(asset !== undefined, (query) => query.where('asset.key', '=', asset!))
        .orderBy('sequence')
        .limit(limit)
        .execute()
    },

    async lastSequence() {
      const row = await db
        .selectFrom('event')
        .select('sequence')
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.sequence ?? 0
    },

    listen: (onEvents) => listener.listen(onEvents),
  }
}
