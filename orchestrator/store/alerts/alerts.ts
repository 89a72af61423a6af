import { sql } from 'kysely'
import type { AlertItem, AlertMessage, AlertTarget, AssetKey, EventType, JsonObject } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { AlertEntry, AlertFactRow, AlertStore } from './types.ts'

/** What was delivered or given up is looked at within weeks, or never. */
const keptFor = '30 days'

const endings: readonly EventType[] = ['run_finished', 'check_run_finished']
const told: readonly EventType[] = [
  'run_finished',
  'asset_failed',
  'asset_materialized',
  'asset_fresh',
  'check_evaluated',
  'freshness_changed',
  'trigger_failed',
  'trigger_recovered',
]

export function createAlertStore({ db, scopes }: Database): AlertStore {
  return {
    async cursor(scope) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<{ sequence: number }>`
        with first as (
          insert into traitline.alert_cursor (scope_id, sequence)
          select ${scopeId}::integer, coalesce((select max(sequence) from traitline.event), 0)
          on conflict do nothing returning sequence
        )
        select sequence from first
        union all
        select sequence from traitline.alert_cursor where scope_id = ${scopeId}::integer
        limit 1`.execute(db)
      return Number(rows[0]?.sequence ?? 0)
    },

    async news(scope, after, limit) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<{ sequence: number; run: string | null; type: EventType }>`
        select sequence, run, type from traitline.event
        where scope_id = ${scopeId}::integer and sequence > ${after}::bigint
        order by sequence limit ${limit}::integer`.execute(db)
      const alone = rows.filter(({ run, type }) => run === null && told.includes(type)).map(({ sequence }) => sequence)
      const ended = rows.flatMap(({ run, type }) => (run !== null && endings.includes(type) ? [run] : []))
      return { alone, ended, last: rows.at(-1)?.sequence ?? after, read: rows.length }
    },

    async facts(scope, of) {
      const scopeId = await scopes.ensure(scope)
      const among = 'run' in of ? sql`event.run = ${of.run}` : sql`event.sequence = any(${of.sequences}::bigint[])`
      const { rows } = await sql<AlertFactRow>`
        select event.sequence, event.at, event.type, asset.key as asset, event.data, synced.rejected, run.selection
        from traitline.event
        left join traitline.asset on asset.id = event.asset_id
        left join traitline.sync_run synced on synced.run = event.run and synced.asset_id = event.asset_id
        left join traitline.run on run.id = event.run
        where event.scope_id = ${scopeId}::integer and ${among} and event.type = any(${told}::text[])
        order by event.sequence`.execute(db)
      return rows.map((row) => ({ ...row, asset: row.asset as AssetKey | null }))
    },

    async open(scope) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<{ alert: string; subject: string; item: AlertItem; since: string; told_at: string }>`
        select alert, subject, item, since, told_at from traitline.alert_open
        where scope_id = ${scopeId}::integer order by since, alert, subject`.execute(db)
      return rows.map(({ told_at, ...row }) => ({ ...row, toldAt: told_at }))
    },

    async commit(scope, { from, to, messages, opened, closed }) {
      const scopeId = await scopes.ensure(scope)
      return db.transaction().execute(async (tx) => {
        const { rows: moved } = await sql`
          update traitline.alert_cursor set sequence = ${to}::bigint
          where scope_id = ${scopeId}::integer and sequence = ${from}::bigint returning 1`.execute(tx)
        if (moved.length === 0) return false
        await enqueue(tx, scopeId, messages)
        await sql`
          insert into traitline.alert_open (scope_id, alert, subject, item)
          select ${scopeId}::integer, alert, subject, item
          from jsonb_to_recordset(${toJson(opened)}::jsonb) as new (alert text, subject text, item jsonb)
          on conflict (scope_id, alert, subject) do update set told_at = now(), item = excluded.item`.execute(tx)
        await sql`
          delete from traitline.alert_open using jsonb_to_recordset(${toJson(closed)}::jsonb) as gone (alert text, subject text)
          where scope_id = ${scopeId}::integer and alert_open.alert = gone.alert and alert_open.subject = gone.subject`.execute(
          tx,
        )
        return true
      })
    },

    async enqueue(scope, message) {
      await enqueue(db, await scopes.ensure(scope), [message])
    },

    async claim(scope, seconds) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<Row>`
        update traitline.alert_outbox
        set due_at = now() + make_interval(secs => ${seconds}::double precision), attempts = attempts + 1
        where id = (
          select id from traitline.alert_outbox
          where scope_id = ${scopeId}::integer and state = 'waiting' and due_at <= now()
          order by due_at, id limit 1 for update skip locked)
        returning *`.execute(db)
      return rows[0] === undefined ? null : entryOf(rows[0])
    },

    async settle(id, result) {
      const problem = 'problem' in result ? toText(result.problem) : null
      if (result.state === 'waiting') {
        await sql`update traitline.alert_outbox set problem = ${problem},
          due_at = now() + make_interval(secs => ${result.seconds}::double precision)
          where id = ${id}::bigint and state = 'waiting'`.execute(db)
        return
      }
      await sql`update traitline.alert_outbox set state = ${result.state}, problem = ${problem}, ended_at = now()
        where id = ${id}::bigint and state = 'waiting'`.execute(db)
      await sql`delete from traitline.alert_outbox where ended_at < now() - ${keptFor}::interval`.execute(db)
    },

    async dueInMs(scope) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<{ ms: number | null }>`
        select (case when count(*) > 0 then greatest(0, extract(epoch from min(due_at) - now()) * 1000) end)::double precision as ms
        from traitline.alert_outbox where scope_id = ${scopeId}::integer and state = 'waiting'`.execute(db)
      return rows[0]?.ms ?? null
    },

    async list(scope, limit) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<Row>`
        select * from traitline.alert_outbox where scope_id = ${scopeId}::integer
        order by id desc limit ${limit}::integer`.execute(db)
      return rows.map(entryOf)
    },
  }
}

async function enqueue(
  db: Database['db'],
  scopeId: number,
  messages: Parameters<AlertStore['enqueue']>[1][],
): Promise<void> {
  const rows = messages.flatMap(({ cause, body, targets }) =>
    targets.map((target, position) => ({ alert: body.alert, cause, position, target, body })),
  )
  await sql`
    insert into traitline.alert_outbox (scope_id, alert, cause, position, target, body)
    select ${scopeId}::integer, alert, cause, position, target, body from jsonb_to_recordset(${toJson(rows)}::jsonb)
      as new (alert text, cause text, position integer, target jsonb, body jsonb)
    on conflict do nothing`.execute(db)
}

interface Row {
  readonly id: number
  readonly cause: string
  readonly target: JsonObject
  readonly body: JsonObject
  readonly state: AlertEntry['state']
  readonly attempts: number
  readonly created_at: string
  readonly ended_at: string | null
  readonly problem: string | null
}

function entryOf(row: Row): AlertEntry {
  return {
    id: String(row.id),
    cause: row.cause,
    target: row.target as unknown as AlertTarget,
    body: row.body as unknown as AlertMessage,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    problem: row.problem,
  }
}
