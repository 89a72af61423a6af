import { sql } from 'kysely'
import type { AssetKey, EventType, JsonObject } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import { toJson } from '../database/json.ts'

export interface NewEvent {
  readonly run: string | null
  readonly asset?: AssetKey
  readonly type: EventType
  readonly data: JsonObject
}

/**
 * Appends to the log within a transaction, in the order given. From here on the transaction holds the log's lock: to
 * be called last, and only rows of asset_status may be written after it.
 */
export async function appendEvents(tx: Db, scopeId: number, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await sql`
    insert into traitline.event (scope_id, run, asset_id, type, data)
    select ${scopeId}::integer, new.run, asset.id, new.type, new.data
    from rows from (jsonb_to_recordset(${toJson(events)}::jsonb) as (run text, asset text, type text, data jsonb))
      with ordinality as new (run, asset, type, data, position)
    left join traitline.asset on asset.scope_id = ${scopeId}::integer and asset.key = new.asset
    order by new.position`.execute(tx)
}
