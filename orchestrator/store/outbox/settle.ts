import { sql } from 'kysely'
import type { OutboxChannel } from '../../contract/index.ts'
import type { Db } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { Settlement } from './types.ts'

/** Within a transaction. Whoever lost its claim and settles late changes nothing of what has ended. */
export async function settleMessages(
  tx: Db,
  scopeId: number,
  channel: OutboxChannel,
  { delivered, keep, dead, later, released, pause }: Settlement,
): Promise<void> {
  if (delivered.length > 0) await settleDelivered(tx, delivered, keep)
  if (dead.length > 0) {
    const rows = dead.map(({ id, problem }) => ({ id, problem: toText(problem) }))
    await sql`
      update traitline.outbox set state = 'dead', problem = gone.problem, ended_at = now()
      from json_to_recordset(${toJson(rows)}::json) as gone (id bigint, problem text)
      where outbox.id = gone.id and state = 'waiting'`.execute(tx)
  }
  if (later !== null) {
    await sql`
      update traitline.outbox
      set problem = ${toText(later.problem)}, due_at = now() + make_interval(secs => ${later.seconds}::double precision)
      where id = any(${[...later.ids]}::bigint[]) and state = 'waiting'`.execute(tx)
  }
  if (released.length > 0) {
    await sql`
      update traitline.outbox set due_at = now(), attempts = greatest(0, attempts - 1)
      where id = any(${[...released]}::bigint[]) and state = 'waiting'`.execute(tx)
  }
  const problem = later?.problem ?? dead.at(-1)?.problem ?? null
  if (delivered.length === 0 && problem === null) return
  const failed = later !== null
  const worked = delivered.length > 0 || dead.length > 0
  await sql`
    insert into traitline.outbox_channel as channel
      (scope_id, channel, failures, problem, problem_at, delivered_at)
    values (${scopeId}::integer, ${channel}, ${failed ? 1 : 0}::integer, ${problem},
      case when ${problem !== null} then now() end, case when ${delivered.length > 0} then now() end)
    on conflict (scope_id, channel) do update set
      failures = case when ${worked} then excluded.failures else channel.failures + 1 end,
      problem = coalesce(excluded.problem, channel.problem),
      problem_at = coalesce(excluded.problem_at, channel.problem_at),
      delivered_at = coalesce(excluded.delivered_at, channel.delivered_at),
      paused_until = null`.execute(tx)
  if (pause === null || !failed) return
  await sql`
    update traitline.outbox_channel
    set paused_until = now() + make_interval(secs =>
      least(${pause.longestSeconds}::double precision, 2.0 ^ least(20, failures - ${pause.after}::integer)))
    where scope_id = ${scopeId}::integer and channel = ${channel} and failures >= ${pause.after}::integer`.execute(tx)
}

async function settleDelivered(tx: Db, ids: readonly number[], keep: boolean): Promise<void> {
  const given = sql`${[...ids]}::bigint[]`
  if (!keep) {
    await sql`delete from traitline.outbox where id = any(${given})`.execute(tx)
    return
  }
  await sql`
    with ended as (
      update traitline.outbox set state = 'delivered', problem = null, ended_at = now()
      where id = any(${given}) and state = 'waiting'
      returning scope_id, channel, lane, pace_seconds
    )
    update traitline.outbox next set due_at = greatest(next.due_at, now() + make_interval(secs => ended.pace_seconds))
    from ended
    where next.scope_id = ended.scope_id and next.channel = ended.channel and next.lane = ended.lane
      and next.state = 'waiting' and not next.id = any(${given}) and ended.pace_seconds > 0`.execute(tx)
}
