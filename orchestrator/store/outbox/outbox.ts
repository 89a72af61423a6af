import { sql } from 'kysely'
import type { JsonObject, OutboxChannel, OutboxHealth, OutboxState } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { settleMessages } from './settle.ts'
import type { ClaimedMessage, OutboxStore } from './types.ts'
import { insertMessages, moveCursor } from './write.ts'

/** Claims of one scope come one after another: none may take what stands behind a message that another took. */
const claimLock = 722486015

/** No more are counted: whoever sends asks each time. */
const mostCounted = 10_001

export function createOutboxStore({ db, scopes }: Database): OutboxStore {
  return {
    async cursor(scope, channel) {
      const scopeId = await scopes.ensure(scope)
      const known = await sql<{ sequence: number | null }>`
        select sequence from traitline.outbox_channel
        where scope_id = ${scopeId}::integer and channel = ${channel}`.execute(db)
      const found = known.rows[0]?.sequence ?? null
      if (found !== null) return found
      const { rows } = await sql<{ sequence: number }>`
        insert into traitline.outbox_channel as known (scope_id, channel, sequence)
        select ${scopeId}::integer, ${channel}, coalesce((select max(sequence) from traitline.event), 0)
        on conflict (scope_id, channel) do update set sequence = coalesce(known.sequence, excluded.sequence)
        returning sequence`.execute(db)
      return rows[0]?.sequence ?? 0
    },

    async advance(scope, channel, { messages, ...found }) {
      const scopeId = await scopes.ensure(scope)
      return db.transaction().execute(async (tx) => {
        const moved = await moveCursor(tx, scopeId, channel, found)
        if (moved) await insertMessages(tx, scopeId, channel, messages)
        return moved
      })
    },

    async enqueue(scope, channel, messages) {
      await insertMessages(db, await scopes.ensure(scope), channel, messages)
      await wake(db)
    },

    async claim(scope, channel, { seconds, limit }) {
      const scopeId = await scopes.ensure(scope)
      return db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${claimLock}, ${scopeId}::integer)`.execute(tx)
        const { rows } = await sql<ClaimedRow>`
          with head as (
            select distinct on (lane) lane, id, due_at, batch from traitline.outbox
            where scope_id = ${scopeId}::integer and channel = ${channel} and state = 'waiting' order by lane, id
          ), turn as (
            select lane, id, batch from head
            where due_at <= now() and not exists (
              select 1 from traitline.outbox_channel paused
              where scope_id = ${scopeId}::integer and paused.channel = ${channel} and paused_until > now())
            order by due_at, id limit 1
          ), mine as (
            select outbox.id, coalesce(turn.batch, turn.id) as batch from traitline.outbox join turn using (lane)
            where scope_id = ${scopeId}::integer and channel = ${channel} and state = 'waiting'
              and (turn.batch is null or outbox.batch = turn.batch)
            order by outbox.id limit ${limit}::integer
          )
          update traitline.outbox
          set due_at = now() + make_interval(secs => ${seconds}::double precision), attempts = attempts + 1,
            batch = mine.batch
          from mine where outbox.id = mine.id
          returning outbox.id, lane, outbox.batch, body, attempts,
            extract(epoch from now() - created_at)::double precision as age`.execute(tx)
        return rows.map(({ age, ...row }): ClaimedMessage => ({ ...row, ageSeconds: age })).sort((a, b) => a.id - b.id)
      })
    },

    async settle(scope, channel, settlement) {
      const scopeId = await scopes.ensure(scope)
      await db.transaction().execute((tx) => settleMessages(tx, scopeId, channel, settlement))
    },

    async health(scope, channel): Promise<OutboxHealth> {
      const scopeId = (await scopes.find(scope)) ?? -1
      const { rows } = await sql<HealthRow>`
        with mine as (
          select id, lane, due_at, created_at from traitline.outbox
          where scope_id = ${scopeId}::integer and channel = ${channel} and state = 'waiting'
        ), head as (
          select distinct on (lane) due_at from mine order by lane, id
        ), channel as (
          select (array_agg(known))[1] as row from traitline.outbox_channel known
          where scope_id = ${scopeId}::integer and known.channel = ${channel}
        )
        select
          (select count(*)::integer from mine) as waiting,
          (select count(*)::integer from (
            select 1 from traitline.outbox
            where scope_id = ${scopeId}::integer and outbox.channel = ${channel} and state = 'dead'
            limit ${mostCounted}::integer) as gone) as dead,
          (select min(created_at) from mine) as oldest,
          (select case when count(*) > 0 then greatest(0, extract(epoch from
            greatest(min(due_at), (channel.row).paused_until) - now()) * 1000)::double precision end from head)
            as due_in_ms,
          coalesce((channel.row).failures, 0) as failures,
          case when (channel.row).paused_until > now() then (channel.row).paused_until end as paused_until,
          (channel.row).problem, (channel.row).problem_at, (channel.row).delivered_at,
          case when (channel.row).sequence is not null then (
            select count(*)::integer from (
              select 1 from traitline.event
              where scope_id = ${scopeId}::integer and sequence > (channel.row).sequence limit ${mostCounted}::integer
            ) as later) end as unread
        from channel`.execute(db)
      return healthOf(channel, rows[0])
    },

    async list(scope, channel, { limit, state }) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<EntryRow>`
        select id, lane, key, body, state, attempts, created_at, ended_at, problem from traitline.outbox
        where scope_id = ${scopeId}::integer and channel = ${channel}
          and (${state ?? null}::text is null or state = ${state ?? null}::text)
        order by id desc limit ${limit}::integer`.execute(db)
      return rows.map(({ id, lane, key, body, attempts, problem, ...row }) => ({
        ...{ id: String(id), channel, lane, key, body, state: row.state, attempts, problem },
        ...{ createdAt: row.created_at, endedAt: row.ended_at },
      }))
    },

    async retry(scope, channel, ids) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql`
        update traitline.outbox
        set state = 'waiting', attempts = 0, batch = null, due_at = now(), created_at = now(), ended_at = null
        where scope_id = ${scopeId}::integer and channel = ${channel} and state = 'dead'
          and (${ids === null} or id::text = any(${ids === null ? [] : [...ids]}::text[]))
        returning 1`.execute(db)
      if (rows.length === 0) return 0
      await sql`
        update traitline.outbox_channel set paused_until = null
        where scope_id = ${scopeId}::integer and channel = ${channel}`.execute(db)
      await wake(db)
      return rows.length
    },
  }
}

/** Whoever sends listens to the event log; of what is not in it, it is told all the same. */
async function wake(db: Database['db']): Promise<void> {
  await sql`select pg_notify('traitline_events', '')`.execute(db)
}

interface ClaimedRow extends Omit<ClaimedMessage, 'ageSeconds'> {
  readonly age: number
}

interface EntryRow {
  readonly id: number
  readonly lane: string
  readonly key: string
  readonly body: JsonObject
  readonly state: OutboxState
  readonly attempts: number
  readonly created_at: string
  readonly ended_at: string | null
  readonly problem: string | null
}

interface HealthRow {
  readonly waiting: number
  readonly dead: number
  readonly oldest: string | null
  readonly due_in_ms: number | null
  readonly failures: number
  readonly paused_until: string | null
  readonly problem: string | null
  readonly problem_at: string | null
  readonly delivered_at: string | null
  readonly unread: number | null
}

function healthOf(channel: OutboxChannel, row: HealthRow | undefined): OutboxHealth {
  return {
    ...{ channel, waiting: row?.waiting ?? 0, dead: row?.dead ?? 0, failures: row?.failures ?? 0 },
    oldestWaitingAt: row?.oldest ?? null,
    dueInMs: row?.due_in_ms ?? null,
    pausedUntil: row?.paused_until ?? null,
    problem: row?.problem ?? null,
    problemAt: row?.problem_at ?? null,
    deliveredAt: row?.delivered_at ?? null,
    unread: row?.unread ?? null,
  }
}
