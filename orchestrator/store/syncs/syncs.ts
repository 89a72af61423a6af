import { sql } from 'kysely'
import { noTraffic, TraitlineError } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import { toJson, toText } from '../database/json.ts'
import type { OwedRow, SyncJournal } from '../store.ts'
import { accounting } from './accounting.ts'
import { fenced, writerOf } from './fenced.ts'
import { pausedSyncs, pauseSync, unpauseSync } from './pause.ts'
import { pendingRequest, requestOnce } from './requests.ts'
import { pendingResend, requestResend } from './resend.ts'
import { readSyncRuns, readTargets } from './sync-rows.ts'

/** Far more than a sync leaves unsettled: each new one settles those before it. */
const mostUnsettled = 1_000

/** Each write is one statement that acts only if the writer still is the writer: see `writerOf`. */
export function createSyncJournal(database: Database): SyncJournal {
  const { db, scopes } = database

  return {
    async acquireWriter(scope, sync, holder) {
      const scopeId = await scopes.ensure(scope)
      const { rows } = await sql<{ epoch: number }>`
        insert into traitline.sync_writer (asset_id, epoch, holder)
        select id, 1, ${toText(holder)}::text from traitline.asset where scope_id = ${scopeId} and key = ${sync}
        on conflict (asset_id) do update
          set epoch = sync_writer.epoch + 1, holder = excluded.holder, acquired_at = now()
        returning epoch`.execute(db)
      if (!rows[0]) throw unknownAssets([sync])
      return rows[0].epoch
    },

    async find(scope, run, sync) {
      const [row] = await readSyncRuns(database, scope, sync, { run, order: 'newest first', limit: 1 })
      return row ?? null
    },

    unsettled: (scope, sync, warehouse) =>
      readSyncRuns(database, scope, sync, { unsettledIn: warehouse, order: 'oldest first', limit: mostUnsettled }),

    async begin({
      scope,
      sync,
      run,
      syncRun,
      epoch,
      warehouse,
      mode,
      batches,
      planned,
      target,
      resend = null,
      freezeMs,
      request = null,
    }) {
      const writer = writerOf({ scopeId: await scopes.find(scope), sync, epoch })
      const { rows } = await sql<{ held: boolean; begun: boolean }>`
        with ${writer}, begun as (
          insert into traitline.sync_run (id, asset_id, run, warehouse, mode, batches, planned, target, freeze_ms)
          select ${syncRun}::text, asset_id, ${run}::text, ${warehouse}::text, ${mode}::text, ${batches}::integer, ${toJson(planned)}::jsonb,
            ${target}::text, ${freezeMs === undefined ? null : Math.round(freezeMs)}::bigint
          from writer
          on conflict do nothing
          returning id, asset_id
        ), fulfilled as (
          update traitline.sync_resend set applied_by = begun.id
          from begun
          where sync_resend.asset_id = begun.asset_id and up_to = ${resend}::bigint and applied_by is null
        ), done as (
          update traitline.sync_request set applied_by = begun.id
          from begun
          where sync_request.asset_id = begun.asset_id and request = ${request}::text and applied_by is null
        )
        select exists (select 1 from writer) as held, exists (select 1 from begun) as begun`.execute(db)
      if (!rows[0]?.held) throw fenced(sync)
      if (rows[0].begun) return
      const [first] = await readSyncRuns(database, scope, sync, { run, order: 'newest first', limit: 1 })
      if (first?.syncRun !== syncRun) throw alreadyFrozen(sync, run)
    },

    async get(scope, sync, syncRun) {
      const [row] = await readSyncRuns(database, scope, sync, { syncRun, order: 'newest first', limit: 1 })
      return row ?? null
    },

    async resume({ scope, sync, run, syncRun, epoch }) {
      const writer = writerOf({ scopeId: await scopes.find(scope), sync, epoch })
      const { rows } = await sql<{ held: boolean }>`
        with ${writer}, resumed as (
          update traitline.sync_run
          set resumed_by = ${run}::text, status = 'sending', ended_at = null, sent = null, accepted = null,
            skipped = null, rejected = null, unknown = null, waiting = null, settle_ms = null, degraded = null
          from writer
          where sync_run.id = ${syncRun} and sync_run.asset_id = writer.asset_id
        )
        select exists (select 1 from writer) as held`.execute(db)
      if (!rows[0]?.held) throw fenced(sync)
      const [row] = await readSyncRuns(database, scope, sync, { syncRun, order: 'newest first', limit: 1 })
      if (!row) throw unknownSyncRun(sync, syncRun)
      return row
    },

    requestResend: (scope, sync, from) => requestResend(database, scope, sync, from),
    pendingResend: (scope, sync) => pendingResend(database, scope, sync),
    request: (scope, sync, from, request) => requestOnce(database, scope, sync, from, request),
    pendingRequest: (scope, sync) => pendingRequest(database, scope, sync),
    targets: (scope) => readTargets(database, scope),

    async intend({ scope, sync, syncRun, epoch, batch }) {
      const writer = writerOf({ scopeId: await scopes.find(scope), sync, epoch })
      const { rows } = await sql<{ held: boolean }>`
        with ${writer}, sending as (
          update traitline.sync_run set status = 'sending'
          from writer
          where sync_run.id = ${syncRun} and sync_run.asset_id = writer.asset_id and status = 'frozen'
        ), intended as (
          insert into traitline.sync_batch (sync_run, batch, first_ordinal, last_ordinal, payload_hash)
          select ${syncRun}::text, ${batch.batch}::integer, ${batch.firstOrdinal}::bigint, ${batch.lastOrdinal}::bigint,
            ${batch.payloadHash}::text
          from writer
          on conflict do nothing
        )
        select exists (select 1 from writer) as held`.execute(db)
      if (!rows[0]?.held) throw fenced(sync)
    },

    async acknowledge({ scope, sync, syncRun, epoch, batch, state, exceptions, traffic = noTraffic }) {
      const writer = writerOf({ scopeId: await scopes.find(scope), sync, epoch })
      // Exceptions belong to the answer that counts: a second answer for the batch brings none.
      const { rows } = await sql<{ held: boolean; known: boolean }>`
        with ${writer}, answered as (
          update traitline.sync_batch set state = ${state}, resolved_at = now(),
            requests = ${traffic.requests}::bigint, throttled = ${traffic.throttled}::bigint,
            request_retries = ${traffic.retried}::bigint, bytes = ${traffic.bytes}::bigint
          from writer
          where sync_run = ${syncRun} and batch = ${batch} and state = 'intent'
          returning sync_run
        ), excepted as (
          insert into traitline.sync_exception (sync_run, ordinal, fate, code, message)
          select distinct on (new.ordinal) answered.sync_run, new.*
          from answered, jsonb_to_recordset(${toJson(exceptions)}::jsonb)
            as new (ordinal bigint, fate text, code text, message text)
          on conflict do nothing
        )
        select
          exists (select 1 from writer) as held,
          exists (select 1 from traitline.sync_batch where sync_run = ${syncRun} and batch = ${batch}) as known`.execute(
        db,
      )
      if (!rows[0]?.held) throw fenced(sync)
      if (!rows[0].known) throw neverIntended(syncRun, batch)
    },

    batches: (syncRun) =>
      db
        .selectFrom('sync_batch')
        .select(['batch', 'first_ordinal as firstOrdinal', 'last_ordinal as lastOrdinal'])
        .select(['payload_hash as payloadHash', 'state'])
        .where('sync_run', '=', syncRun)
        .orderBy('batch')
        .execute(),

    exceptions: (syncRun, { after, limit }) =>
      db
        .selectFrom('sync_exception')
        .select(['ordinal', 'fate', 'code', 'message'])
        .where('sync_run', '=', syncRun)
        .where('ordinal', '>', after)
        .orderBy('ordinal')
        .limit(limit)
        .execute(),

    async finish({ scope, sync, syncRun, epoch, status, waiting, settleMs }) {
      const writer = writerOf({ scopeId: await scopes.find(scope), sync, epoch })
      // A failed one may be settled later; what is settled or superseded stays so.
      const { rows } = await sql<{ held: boolean }>`
        with ${writer}, counted as (${accounting(syncRun, 'unknown')}), finished as (
          update traitline.sync_run
          set status = ${status}, ended_at = coalesce(ended_at, now()), sent = counted.sent,
            accepted = counted.accepted, skipped = counted.skipped, rejected = counted.rejected,
            unknown = counted.unknown, requests = counted.requests, throttled = counted.throttled,
            request_retries = counted.request_retries, bytes = counted.bytes, send_ms = counted.send_ms,
            waiting = ${waiting ?? null}::bigint, settle_ms = ${settleMs === undefined ? null : Math.round(settleMs)}::bigint
          from writer, counted
          where sync_run.id = ${syncRun} and sync_run.asset_id = writer.asset_id
            and status not in ('settled', 'superseded')
        )
        select exists (select 1 from writer) as held`.execute(db)
      if (!rows[0]?.held) throw fenced(sync)
      const [row] = await readSyncRuns(database, scope, sync, { syncRun, order: 'newest first', limit: 1 })
      if (!row) throw unknownSyncRun(sync, syncRun)
      return row
    },

    async degraded({ scope, sync, syncRun, epoch, degraded }) {
      const writer = writerOf({ scopeId: await scopes.find(scope), sync, epoch })
      await sql`
        with ${writer}
        update traitline.sync_run set degraded = ${toJson(degraded)}::jsonb from writer
        where sync_run.id = ${syncRun} and sync_run.asset_id = writer.asset_id`.execute(db)
    },

    pause: (scope, sync, pause) => pauseSync(database, scope, sync, pause),
    unpause: (scope, sync) => unpauseSync(database, scope, sync),
    paused: (scope) => pausedSyncs(database, scope),
    between: (scope, sync, { limit, ...between }) =>
      readSyncRuns(database, scope, sync, { between, order: 'oldest first', limit }),

    list: (scope, sync, limit) => readSyncRuns(database, scope, sync, { order: 'newest first', limit }),

    async owed(scope) {
      const scopeId = await scopes.find(scope)
      if (scopeId === null) return []
      const { rows } = await sql<OwedRow>`
        select asset.key as sync, coalesce(rejected, 0) as rejected, status <> 'settled' as unfinished
        from traitline.asset
        cross join lateral (
          -- What an append rejected is no row of a later one.
          select status, case when mode = 'append' then 0 else coalesce(waiting, rejected) end as rejected
          from traitline.sync_run where asset_id = asset.id order by number desc limit 1
        ) as last
        left join traitline.sync_resend wish on wish.asset_id = asset.id and wish.applied_by is null
        left join traitline.sync_request ask on ask.asset_id = asset.id and ask.applied_by is null
        where scope_id = ${scopeId} and
          (status <> 'settled' or rejected > 0 or wish.asset_id is not null or ask.asset_id is not null)`.execute(db)
      return rows
    },
  }
}

function alreadyFrozen(sync: string, run: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_ALREADY_FROZEN',
    message: `${sync} has another sync run in run ${run} already`,
    hint: 'Go on with the one that `find` answers.',
    blame: 'system',
  })
}

function neverIntended(syncRun: string, batch: number): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_BATCH_UNKNOWN',
    message: `batch ${batch} of sync run ${syncRun} was acknowledged, but never announced`,
    hint: 'Announce each batch with `intend` before it leaves.',
    blame: 'system',
  })
}

function unknownSyncRun(sync: string, syncRun: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_RUN_UNKNOWN',
    message: `${sync} has no sync run ${syncRun}`,
    hint: 'Record it with `begin` first.',
    blame: 'system',
  })
}
