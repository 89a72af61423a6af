import { sql } from 'kysely'

/**
 * The accounting of a sync run from its batches: a statement with one row `sent, accepted, skipped, rejected,
 * unknown`, what talking to the destination cost, and how long sending took. `open` says whether batches that left and were never answered for count as unknown: at the end they do,
 * while it runs they are only under way.
 */
export function accounting(syncRun: string, open: 'unknown' | 'under way') {
  const unknownStates = open === 'unknown' ? ['unknown', 'intent'] : ['unknown']
  return sql`
    select
      coalesce(sum(batch.rows), 0)::bigint as sent,
      coalesce(sum(batch.rows - fates.all_rows) filter (where state = 'acknowledged'), 0)::bigint as accepted,
      coalesce(sum(fates.skipped), 0)::bigint as skipped,
      coalesce(sum(fates.rejected), 0)::bigint as rejected,
      coalesce(sum(case
        when state = any(${unknownStates}::text[]) then batch.rows - fates.skipped - fates.rejected
        else fates.unknown
      end), 0)::bigint as unknown,
      coalesce(sum(requests), 0)::bigint as requests,
      coalesce(sum(throttled), 0)::bigint as throttled,
      coalesce(sum(request_retries), 0)::bigint as request_retries,
      coalesce(sum(bytes), 0)::bigint as bytes,
      (extract(epoch from max(resolved_at) - min(intended_at)) * 1000)::bigint as send_ms
    from (
      select requests, throttled, request_retries, bytes, intended_at, resolved_at, state, first_ordinal, last_ordinal, last_ordinal - first_ordinal + 1 as rows
      from traitline.sync_batch where sync_run = ${syncRun}
    ) batch
    cross join lateral (
      select
        count(*) as all_rows,
        count(*) filter (where fate = 'skipped') as skipped,
        count(*) filter (where fate = 'rejected') as rejected,
        count(*) filter (where fate = 'unknown') as unknown
      from traitline.sync_exception where sync_run = ${syncRun} and ordinal between batch.first_ordinal and batch.last_ordinal
    ) fates`
}
