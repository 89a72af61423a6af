import { sql } from 'kysely'
import { TraitlineError, type BackfillStatus } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { BackfillBatchRow, BackfillBatchStatus, BackfillRow, BackfillStore } from './types.ts'

const batchStatuses: readonly BackfillBatchStatus[] = [
  'waiting',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'retried',
]

const batchColumns = sql`batch, level, targets, partitions, size, status, run, started_at as "startedAt", ended_at as "endedAt"`

export function createBackfillStore({ db, scopes }: Database): BackfillStore {
  // Of a batch that was retried, what is not made again.
  const kept = sql`(
    select made.status
    from traitline.backfill_batch batch join traitline.run_partition made on made.run = batch.run
    where batch.backfill = backfill.id and batch.status = 'retried' and made.status in ('materialized', 'fresh')
      and not exists (select 1 from traitline.run_partition other where other.run = made.run
        and other.partition = made.partition and other.status not in ('materialized', 'fresh'))
  ) kept`
  const rowQuery = sql`
    select environment, project, backfill.id as backfill, revision, selection, backfill.partitions, targets, force,
      batch_size as "batchSize", runs, status, created_at as "createdAt", ended_at as "endedAt", failure,
      coalesce((select sum(size * cardinality(batch.targets)) from traitline.backfill_batch batch
        where batch.backfill = backfill.id and batch.status <> 'retried'), 0)::bigint + (select count(*) from ${kept}) as total,
      coalesce((select jsonb_object_agg(status, batches) from (
        select status, count(*) as batches from traitline.backfill_batch where backfill = backfill.id group by status
      ) by_status), '{}') as batches,
      coalesce((select jsonb_object_agg(status, made) from (
        select status, count(*) as made from (
          select made.status
          from traitline.backfill_batch batch join traitline.run_partition made on made.run = batch.run
          where batch.backfill = backfill.id and batch.status <> 'retried' and made.status not in ('planned', 'running')
          union all select status from ${kept}
        ) made group by status
      ) by_status), '{}') as counts
    from traitline.backfill join traitline.scope on scope.id = backfill.scope_id`

  const withAllStatuses = (row: BackfillRow): BackfillRow => ({
    ...row,
    batches: Object.fromEntries(
      batchStatuses.map((status) => [status, row.batches[status] ?? 0]),
    ) as BackfillRow['batches'],
  })

  return {
    async create({ scope, backfill, revision, selection, partitions, targets, force, batchSize, runs }) {
      await sql`
        insert into traitline.backfill (id, scope_id, revision, selection, partitions, targets, force, batch_size, runs)
        values (${backfill}, ${await scopes.ensure(scope)}, ${revision}, ${selection}, ${partitions}, ${[...targets]},
          ${force}, ${batchSize}, ${runs})
        on conflict do nothing`.execute(db)
    },

    async get(backfill) {
      const { rows } = await sql<BackfillRow>`${rowQuery} where backfill.id = ${backfill}`.execute(db)
      return rows[0] === undefined ? null : withAllStatuses(rows[0])
    },

    async list(scope, limit) {
      const { rows } = await sql<BackfillRow>`${rowQuery} where backfill.scope_id = ${await scopes.find(scope)}::integer
        order by backfill.number desc limit ${limit}`.execute(db)
      return rows.map(withAllStatuses)
    },

    async batches(backfill, { limit, after = -1, status }) {
      const { rows } = await sql<BackfillBatchRow>`
        select ${batchColumns} from traitline.backfill_batch
        where backfill = ${backfill} and batch > ${after} ${status === undefined ? sql`` : sql`and status = ${status}`}
        order by batch limit ${limit}`.execute(db)
      return rows
    },

    async isPlanned(backfill) {
      const { rows } = await sql<{ planned: boolean }>`
        select planned from traitline.backfill where id = ${backfill}`.execute(db)
      if (rows[0] === undefined) throw unknownBackfill(backfill)
      return rows[0].planned
    },

    async savePlan(backfill, batches) {
      await sql`
        with first as (
          update traitline.backfill set planned = true where id = ${backfill} and not planned returning id
        )
        insert into traitline.backfill_batch (backfill, batch, level, targets, partitions, size)
        select first.id, place - 1, level, array(select jsonb_array_elements_text(new.targets)), new.partitions, size
        from first, rows from (jsonb_to_recordset(${toJson(batches)}::jsonb)
          as (level integer, targets jsonb, partitions text, size integer))
          with ordinality as new (level, targets, partitions, size, place)`.execute(db)
    },

    async claim(backfill, limit) {
      const { rows } = await sql<BackfillBatchRow>`
        with open as materialized (
          select batch, status from traitline.backfill_batch
          where backfill = ${backfill} and status in ('waiting', 'running')
            and level = (select min(level) from traitline.backfill_batch
              where backfill = ${backfill} and status in ('waiting', 'running'))
          order by status, batch
          limit ${limit}
        ), claimed as (
          update traitline.backfill_batch each
          set status = 'running', started_at = coalesce(started_at, clock_timestamp()),
            run = coalesce(run, ${backfill}::text || '-' || each.batch)
          from open where each.backfill = ${backfill} and each.batch = open.batch
          returning each.*
        )
        select ${batchColumns} from claimed order by batch`.execute(db)
      return rows
    },

    async endBatch(backfill, batch, run) {
      await sql`
        update traitline.backfill_batch
        set ended_at = clock_timestamp(),
          status = coalesce((select case status when 'succeeded' then 'succeeded' when 'cancelled' then 'cancelled' else 'failed' end
            from traitline.run where id = ${run}), 'failed')
        where backfill = ${backfill} and batch = ${batch} and status = 'running'`.execute(db)
    },

    async setPaused(backfill, paused, underWay) {
      await sql`
        with again as (
          update traitline.backfill_batch set status = 'waiting', started_at = null
          where ${paused} and backfill = ${backfill} and status = 'running' and batch <> all(${[...underWay]}::integer[])
        )
        update traitline.backfill set status = ${paused ? 'paused' : 'running'}
        where id = ${backfill} and ended_at is null`.execute(db)
    },

    async finish(backfill, { cancelled, failure }) {
      const { rows } = await sql<{ status: BackfillStatus }>`
        with left_over as (
          -- Nobody was left to take over how the run of a batch ended, if it did.
          update traitline.backfill_batch each
          set ended_at = clock_timestamp(), status = case
            when each.status = 'running' and (select run.status from traitline.run where run.id = each.run) = 'succeeded'
              then 'succeeded' else 'cancelled' end
          where backfill = ${backfill} and status in ('waiting', 'running') returning each.status
        )
        update traitline.backfill
        set ended_at = coalesce(ended_at, clock_timestamp()), failure = ${failure && toJson(failure)}::jsonb,
          status = case
            when ${cancelled} then 'cancelled'
            when ${failure !== null} or exists (select 1 from left_over where left_over.status = 'cancelled') or exists (
              select 1 from traitline.backfill_batch where backfill = ${backfill} and status in ('failed', 'cancelled')
            ) then 'failed'
            else 'succeeded'
          end
        where id = ${backfill} and ended_at is null
        returning status`.execute(db)
      if (rows[0] !== undefined) return rows[0].status
      const { rows: found } = await sql<{ status: BackfillStatus }>`
        select status from traitline.backfill where id = ${backfill}`.execute(db)
      if (found[0] === undefined) throw unknownBackfill(backfill)
      return found[0].status
    },

    async retry(backfill) {
      const { rows } = await sql<{ batches: number }>`
        with again as (
          update traitline.backfill set status = 'running', ended_at = null, failure = null
          where id = ${backfill} and ended_at is not null
            and exists (select 1 from traitline.backfill_batch where backfill = ${backfill} and status in ('failed', 'cancelled'))
          returning id
        ), old as (
          update traitline.backfill_batch set status = 'retried'
          from again where backfill = again.id and backfill_batch.status in ('failed', 'cancelled')
          returning batch, level, targets, partitions, size, run
        ), undone as (
          -- What of their runs was not made; of a run that came to no plan, nothing was.
          select old.batch, string_agg(distinct made.partition, ',') as partitions,
            count(distinct made.partition)::integer as size
          from old join traitline.run_partition made on made.run = old.run
          where made.status not in ('materialized', 'fresh')
          group by old.batch
        ), new as (
          insert into traitline.backfill_batch (backfill, batch, level, targets, partitions, size)
          select ${backfill}::text, (select max(batch) from traitline.backfill_batch where backfill = ${backfill})
            + row_number() over (order by batch), level, targets, coalesce(undone.partitions, old.partitions),
            coalesce(undone.size, old.size)
          from old left join undone using (batch)
          where undone.batch is not null
            or not exists (select 1 from traitline.run_partition made where made.run = old.run)
          returning 1
        )
        select count(*) as batches from new`.execute(db)
      return rows[0]?.batches ?? 0
    },
  }
}

export function unknownBackfill(backfill: string): TraitlineError {
  return new TraitlineError({
    code: 'BACKFILL_UNKNOWN',
    message: `backfill ${backfill} is not in the record`,
    hint: 'List them with `traitline backfill list`.',
    blame: 'user',
  })
}
