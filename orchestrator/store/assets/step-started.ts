import type { AssetKey, StepInput } from '../../contract/index.ts'
import type { Database } from '../database/database.ts'
import type { NamedStatement } from '../database/pool.ts'

/** An asset that has an outcome in this run, or a later attempt, keeps it. */
const stepStarted: NamedStatement = {
  name: 'traitline_step_started',
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
)
update traitline.asset_status
set status = 'running', run = $2::text, sequence = logged.sequence
from logged where asset_status.asset_id = logged.asset_id`,
}

export async function recordStepStarted(
  { pool, scopes }: Database,
  input: StepInput,
  assets: readonly AssetKey[],
  attempt: number,
): Promise<void> {
  await pool.run(stepStarted, [await scopes.ensure(input), input.run, assets, input.step.id, attempt])
}
