import { sql } from 'kysely'
import type { AlertItem, AssetKey, EventType } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import { insertMessages, moveCursor } from '../outbox/write.ts'
import type { AlertFactRow, AlertStore } from './types.ts'

const endings: readonly EventType[] = ['run_finished', 'check_run_finished']
const told: readonly EventType[] = [
  'run_finished',
  'asset_failed',
  'asset_materialized',
  'asset_fresh',
  'check_evaluated',
  'freshness_changed',
  'sync_paused',
  'sync_unpaused',
  'trigger_failed',
  'trigger_recovered',
]

export function createAlertStore({ db, scopes }: Database): AlertStore {
  return {
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
        select event.sequence, event.at, event.type, asset.key as asset, event.data, synced.sent, synced.rejected, synced.degraded,
          run.selection
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
        if (!(await moveCursor(tx, scopeId, 'alerts', { from, to }))) return false
        await insertMessages(tx, scopeId, 'alerts', messages)
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
  }
}
