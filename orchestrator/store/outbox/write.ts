import { sql } from 'kysely'
import type { OutboxChannel } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { NewOutboxMessage } from './types.ts'

/** Moves a channel's place in the log if it is still where it was read from; within a transaction. */
export async function moveCursor(
  tx: Db,
  scopeId: number,
  channel: OutboxChannel,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const { rows } = await sql`
    update traitline.outbox_channel set sequence = ${to}::bigint
    where scope_id = ${scopeId}::integer and channel = ${channel} and sequence = ${from}::bigint returning 1`.execute(
    tx,
  )
  return rows.length > 0
}

/** A lane that was served a moment ago keeps its pace for what comes. */
export async function insertMessages(
  db: Db,
  scopeId: number,
  channel: OutboxChannel,
  messages: readonly NewOutboxMessage[],
): Promise<void> {
  if (messages.length === 0) return
  const rows = messages.map(({ lane, key, body, paceSeconds = 0 }) => ({ lane, key, body, pace: paceSeconds }))
  await sql`
    insert into traitline.outbox (scope_id, channel, lane, key, body, pace_seconds, due_at)
    select ${scopeId}::integer, ${channel}, new.lane, new.key, new.body, new.pace, greatest(now(), (
      select max(last.ended_at) + make_interval(secs => new.pace) from traitline.outbox last
      where new.pace > 0 and last.scope_id = ${scopeId}::integer and last.channel = ${channel}
        and last.lane = new.lane and last.state = 'delivered'))
    from rows from (json_to_recordset(${toJson(rows)}::json)
      as (lane text, key text, body json, pace double precision))
      with ordinality as new (lane, key, body, pace, position)
    order by position
    on conflict do nothing`.execute(db)
}
