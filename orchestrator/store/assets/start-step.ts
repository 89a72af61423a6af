import type { AssetKey, AssetOutcome, AssetStates, StepInput } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import type { NamedStatement } from '../database/pool.ts'
import { outcomesOf, type StoredOutcome } from './outcomes.ts'
import { statesOf, type StoredState } from './states.ts'

/**
 * All that a step asks and tells before it works, in one round trip. An asset that has an outcome in this run, or a
 * later attempt, keeps it.
 */
const statement: NamedStatement = {
  name: 'traitline_start_step',
  text: `
with started as (
  insert into traitline.run_asset (run, asset_id, step, status, attempt, started_at)
  select $2::text, id, $4::text, 'running', $5::integer, clock_timestamp()
  from traitline.asset where scope_id = $1::integer and key = any($3::text[])
  order by id
  on conflict (run, asset_id) do update
    set status = 'running', attempt = excluded.attempt,
      started_at = coalesce(run_asset.started_at, excluded.started_at)
    where run_asset.status in ('planned', 'running') and run_asset.attempt < excluded.attempt
  returning asset_id
), logged as (
  insert into traitline.event (scope_id, run, asset_id, type, data)
  select $1::integer, $2::text, asset_id, case when $5::integer > 1 then 'step_retried' else 'step_started' end,
    jsonb_build_object('step', $4::text, 'attempt', $5::integer)
  from started
  order by asset_id
  returning sequence, asset_id
), projected as (
  update traitline.asset_status
  set status = 'running', run = $2::text, sequence = logged.sequence
  from logged where asset_status.asset_id = logged.asset_id
)
select
  (select coalesce(jsonb_agg(jsonb_build_object('key', asset.key, 'status', ran.status, 'failure', ran.failure,
      'upstream', ran.upstream, 'reason', ran.reason, 'summary', ran.summary, 'rows', ran.rows,
      'data_version', made.data_version, 'duration_ms', made.duration_ms, 'failed_checks', made.failed_checks)), '[]')
    from traitline.asset
    join traitline.run_asset ran on ran.asset_id = asset.id and ran.run = $2::text
    left join traitline.materialization made on made.run = ran.run and made.asset_id = ran.asset_id
    where asset.scope_id = $1::integer and asset.key = any($3::text[])) as recorded,
  (select coalesce(jsonb_agg(jsonb_build_object('key', asset.key, 'code_version', status.code_version,
      'data_version', status.data_version, 'upstream', status.upstream, 'warehouse', status.warehouse,
      'duration_ms', status.duration_ms, 'failed_checks', status.failed_checks,
      'last_attempt', status.last_attempt, 'whole_version', 'partitions-v1:' || total.content,
      'latest_version', 'latest-v1:' || total.latest_position || ':' || total.latest_content,
      'latest_failed_checks', total.latest_failed_checks)), '[]')
    from traitline.asset join traitline.asset_status status on status.asset_id = asset.id
    left join traitline.partition_total total on total.asset_id = asset.id
    where asset.scope_id = $1::integer and asset.key = any($6::text[])) as states`,
}

interface Answer {
  readonly recorded: readonly StoredOutcome[]
  readonly states: readonly StoredState[]
}

/** See `AssetStore.startStep`. */
export async function startStep(
  { pool, scopes }: Database,
  input: StepInput,
  assets: readonly AssetKey[],
  attempt: number,
  reads: readonly AssetKey[],
): Promise<{ readonly recorded: readonly AssetOutcome[]; readonly states: AssetStates }> {
  const values = [await scopes.ensure(input), input.run, assets, input.step.id, attempt, reads]
  const [answer] = await pool.run<Answer>(statement, values)
  return { recorded: outcomesOf(answer?.recorded ?? [], assets), states: statesOf(answer?.states ?? [], reads) }
}
