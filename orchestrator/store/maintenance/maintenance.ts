import { sql } from 'kysely'
import { usualRetention, type Retention, type Scope } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import type { MaintenanceStore } from '../store.ts'

/** Runs whose logs go in one statement; the next ones follow, so that no transaction is long. */
const batch = 200
/** A sender does not try again later than this. */
const deliveryDays = 30
const mostBatches = 500

/** What was told, or given up, is looked at within weeks, or never. */
const outboxDays = 30

export function createMaintenanceStore({ db, pool, scopes }: Database): MaintenanceStore {
  async function pruneLogs(scopeId: number, { logsDays }: Retention): Promise<number> {
    let removed = 0
    for (let round = 0; round < mostBatches; round++) {
      const { rows } = await sql<{ removed: number }>`
        with old as (
          select log_stream.run, log_stream.step from traitline.log_stream
          join traitline.run on run.id = log_stream.run
          where run.scope_id = ${scopeId} and run.ended_at < now() - make_interval(days => ${logsDays})
          limit ${batch}
        ), chunks as (
          delete from traitline.log_chunk using old where log_chunk.run = old.run and log_chunk.step = old.step
        ), streams as (
          delete from traitline.log_stream using old
          where log_stream.run = old.run and log_stream.step = old.step returning 1
        )
        select count(*)::int as removed from streams`.execute(db)
      const count = rows[0]?.removed ?? 0
      removed += count
      if (count < batch) break
    }
    return removed
  }

  /** What sensors and webhooks said; keys of runs are known as long as the log says what was started for them. */
  async function pruneRequests(scopeId: number, { eventsDays }: Retention): Promise<void> {
    await sql`
      delete from traitline.run_request
      where scope_id = ${scopeId} and settled_at < now() - make_interval(days => ${eventsDays})`.execute(db)
    await sql`
      delete from traitline.webhook_delivery
      where scope_id = ${scopeId} and received_at < now() - make_interval(days => ${deliveryDays})`.execute(db)
  }

  /** Months that are over for everyone: each goes whole, which costs nothing however much it holds. */
  async function dropMonths(): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select child.relname as name
      from pg_inherits
      join pg_class as child on child.oid = inhrelid
      where inhparent = 'traitline.event'::regclass and child.relname ~ '^event_[0-9]{4}_[0-9]{2}$'
        and (to_date(right(child.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC'
          < now() - make_interval(days => (
            select max(coalesce(events_days, ${usualRetention.eventsDays}))
            from traitline.scope left join traitline.retention on scope_id = scope.id
          ))
      order by 1`.execute(db)
    const dropped: string[] = []
    for (const { name } of rows) if (await dropMonth(name)) dropped.push(name.slice('event_'.length).replace('_', '-'))
    return dropped
  }

  /** Detaching waits for statements that read the log, and holds appends back meanwhile: not for long. */
  async function dropMonth(name: string): Promise<boolean> {
    const connection = await pool.connect()
    try {
      await connection.query('begin')
      await connection.query(`set local lock_timeout = '2s'`)
      await connection.query('select pg_advisory_xact_lock(7224860155)')
      await connection.query(
        `delete from traitline.event_key using (select distinct run from traitline.${name} where run is not null) as gone
         where event_key.run = gone.run
           and exists (select 1 from traitline.run where run.id = gone.run and ended_at is not null)`,
      )
      await connection.query(`drop table if exists traitline.${name}`)
      await connection.query('commit')
      return true
    } catch {
      // Somebody reads it: the next round tries again.
      await connection.query('rollback').catch(() => undefined)
      return false
    } finally {
      connection.release()
    }
  }

  return {
    async prune(scope: Scope, retention: Retention) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return { months: [], logs: 0 }
      await sql`
        insert into traitline.retention (scope_id, events_days, maintained_at)
        values (${scopeId}, ${retention.eventsDays}, now())
        on conflict (scope_id) do update
          set events_days = excluded.events_days, maintained_at = excluded.maintained_at`.execute(db)
      await sql`
        delete from traitline.outbox
        where scope_id = ${scopeId} and state <> 'waiting'
          and ended_at < now() - make_interval(days => ${outboxDays})`.execute(db)
      await pruneRequests(scopeId, retention)
      // A bucket that has been full for so long is as one that never was.
      await sql`
        delete from traitline.rate_limit
        where full_at_ms < extract(epoch from now() - interval '1 hour') * 1000`.execute(db)
      return { logs: await pruneLogs(scopeId, retention), months: await dropMonths() }
    },
  }
}
