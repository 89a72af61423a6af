import { sql } from 'kysely'
import type { AssetKey, CheckResult, EventType, JsonObject } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { MaterializationRow, OpenLineageFact, OpenLineageOutbox } from '../store.ts'

/** Claims of one scope come one after another: none may take what stands behind a message that another took. */
const claimLock = 722486015

/** What was refused is looked at within weeks, or never. */
const refusedFor = '30 days'

export function createOpenLineageOutbox({ db, scopes }: Database): OpenLineageOutbox {
  return {
    async cursor(scope) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<{ sequence: number }>`
        with first as (
          insert into traitline.openlineage_cursor (scope_id, sequence)
          select ${scopeId}::integer, coalesce((select max(sequence) from traitline.event), 0)
          on conflict do nothing returning sequence
        )
        select sequence from first
        union all
        select sequence from traitline.openlineage_cursor where scope_id = ${scopeId}::integer
        limit 1`.execute(db)
      return Number(rows[0]?.sequence ?? 0)
    },

    async facts(scope, after, limit) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<FactRow>`
        select event.sequence, event.at, event.run, asset.key as asset, event.type, event.data,
          coalesce(ran.started_at is not null, false) as begun, to_jsonb(made) as made,
          (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'severity', severity, 'passed', passed,
              'failures', failures, 'message', message, 'blocking', blocking, 'metadata', metadata) order by position), '[]')
            from traitline.check_result where materialization_id = made.id and check_result.run = made.run) as checks
        from traitline.event
        left join traitline.asset on asset.id = event.asset_id
        left join traitline.run_asset ran on ran.run = event.run and ran.asset_id = event.asset_id
        left join traitline.materialization made
          on event.type = 'asset_materialized' and made.run = event.run and made.asset_id = event.asset_id
        where event.scope_id = ${scopeId}::integer and event.sequence > ${after}::bigint
        order by event.sequence limit ${limit}::integer`.execute(db)
      const facts = rows.flatMap((row): OpenLineageFact[] =>
        row.run === null
          ? []
          : [{ event: { ...scope, ...eventOf(row) }, begun: row.begun, materialization: madeOf(row) }],
      )
      return { facts, last: rows.at(-1)?.sequence ?? after }
    },

    async enqueue(scope, from, to, messages) {
      const scopeId = await scopes.ensure(scope)
      await db.transaction().execute(async (tx) => {
        const moved = await tx
          .updateTable('openlineage_cursor')
          .set({ sequence: to })
          .where('scope_id', '=', scopeId)
          .where('sequence', '=', from)
          .returning('sequence')
          .executeTakeFirst()
        if (moved === undefined || messages.length === 0) return
        await tx
          .insertInto('openlineage_outbox')
          .values(messages.map(({ body, ...message }) => ({ ...message, scope_id: scopeId, body: toJson(body) })))
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      })
    },

    async claim(scope, seconds, limit) {
      const scopeId = await scopes.ensure(scope)
      return db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${claimLock}, ${scopeId}::integer)`.execute(tx)
        const { rows } = await sql<{ id: number; run: string; body: JsonObject; attempts: number }>`
          with head as (
            select distinct on (run) run, id, due_at from traitline.openlineage_outbox
            where scope_id = ${scopeId}::integer and refused is null order by run, id
          ), turn as (
            select run from head where due_at <= now() order by id limit 1
          ), mine as (
            select id from traitline.openlineage_outbox
            where scope_id = ${scopeId}::integer and refused is null and run = (select run from turn)
            order by id limit ${limit}::integer
          )
          update traitline.openlineage_outbox
          set due_at = now() + make_interval(secs => ${seconds}::double precision), attempts = attempts + 1
          where id in (select id from mine)
          returning id, run, body, attempts`.execute(tx)
        return rows.sort((a, b) => a.id - b.id)
      })
    },

    async taken(ids) {
      if (ids.length > 0) await db.deleteFrom('openlineage_outbox').where('id', 'in', ids).execute()
    },

    async postpone(ids, seconds) {
      if (ids.length === 0) return
      await db
        .updateTable('openlineage_outbox')
        .set({ due_at: sql<string>`now() + make_interval(secs => ${seconds}::double precision)` })
        .where('id', 'in', ids)
        .execute()
    },

    async refuse(id, reason) {
      await db
        .updateTable('openlineage_outbox')
        .set({ refused: toText(reason), refused_at: sql<string>`now()` })
        .where('id', '=', id)
        .execute()
      await sql`delete from traitline.openlineage_outbox
        where refused_at < now() - ${refusedFor}::interval`.execute(db)
    },

    async state(scope) {
      const scopeId = await scopes.find(scope)
      const { rows } = await sql<{ waiting: number; refused: number; due_in_ms: number | null }>`
        with mine as (select * from traitline.openlineage_outbox where scope_id = ${scopeId ?? -1}::integer),
        head as (select distinct on (run) due_at from mine where refused is null order by run, id)
        select (select count(*)::integer from mine where refused is null) as waiting,
          (select count(*)::integer from mine where refused is not null) as refused,
          (select case when count(*) > 0 then greatest(0, extract(epoch from min(due_at) - now()) * 1000)::double precision end
            from head) as due_in_ms`.execute(db)
      const [row] = rows
      return { waiting: row?.waiting ?? 0, refused: row?.refused ?? 0, dueInMs: row?.due_in_ms ?? null }
    },
  }
}

interface FactRow {
  readonly sequence: number
  readonly at: string
  readonly run: string | null
  readonly asset: AssetKey | null
  readonly type: EventType
  readonly data: JsonObject
  readonly begun: boolean
  readonly made: StoredMaterialization | null
  readonly checks: readonly CheckResult[]
}

/** A row of `materialization` as JSON. */
interface StoredMaterialization {
  readonly id: number
  readonly run: string
  readonly revision: number
  readonly code_version: string
  readonly data_version: string
  readonly upstream: MaterializationRow['upstream']
  readonly warehouse: string
  readonly rows: number | null
  readonly started_at: string
  readonly ended_at: string
  readonly duration_ms: number
  readonly statistics: MaterializationRow['statistics']
  readonly metadata: JsonObject
}

function eventOf({ sequence, at, run, asset, type, data }: FactRow) {
  return { sequence, at, run, asset, type, data }
}

function madeOf({ made, asset, checks }: FactRow): MaterializationRow | null {
  if (made === null || asset === null) return null
  const { run, revision, upstream, warehouse, rows, statistics, metadata } = made
  return {
    id: String(made.id),
    ...{ asset, run, revision, upstream, warehouse, rows, statistics, checks, metadata },
    codeVersion: made.code_version,
    dataVersion: made.data_version,
    startedAt: new Date(made.started_at).toISOString(),
    endedAt: new Date(made.ended_at).toISOString(),
    durationMs: made.duration_ms,
  }
}
