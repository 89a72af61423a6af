import type { AssetKey, AssetOutcome, StepInput } from '../../contract/index.ts'
import { statesOf, type StoredState } from '../assets/states.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { NamedStatement } from '../database/pool.ts'
import { partitionOutcome, type StoredPartitionOutcome } from './outcomes.ts'
import type { PartitionPlace, PartitionStates } from './types.ts'

/** The same as for an asset, for many partitions of one: see `startStep`. One event tells of all. */
const statement: NamedStatement = {
  name: 'traitline_start_partitions',
  text: `
with items as materialized (
  select asset.id as asset_id, new.partition, new.position
  from traitline.asset
  cross join jsonb_to_recordset($6::jsonb) as new (partition text, position bigint)
  where asset.scope_id = $1::integer and asset.key = $3::text
), started as (
  insert into traitline.run_partition (run, asset_id, partition, step, status, attempt, started_at)
  select $2::text, asset_id, partition, $4::text, 'running', $5::integer, clock_timestamp()
  from items order by partition collate "C"
  on conflict (run, asset_id, partition) do update
    set status = 'running', attempt = excluded.attempt, step = excluded.step,
      started_at = coalesce(run_partition.started_at, excluded.started_at)
    where run_partition.status in ('planned', 'running') and run_partition.attempt < excluded.attempt
  returning asset_id, partition
), marked as (
  insert into traitline.asset_partition (asset_id, partition, position, status, run)
  select asset_id, partition, items.position, 'running', $2::text
  from started join items using (asset_id, partition)
  order by partition collate "C"
  on conflict (asset_id, partition) do update
    set status = 'running', run = excluded.run, position = excluded.position
  returning asset_id
), begun as (
  update traitline.run_asset set status = 'running', started_at = coalesce(started_at, clock_timestamp())
  where run = $2::text and asset_id = (select asset_id from marked limit 1) and status = 'planned'
), logged as (
  insert into traitline.event (scope_id, run, asset_id, type, data)
  select $1::integer, $2::text, asset_id, case when $5::integer > 1 then 'step_retried' else 'step_started' end,
    jsonb_build_object('step', $4::text, 'attempt', $5::integer, 'partitions', count(*))
  from marked group by asset_id
  returning sequence, asset_id
), projected as (
  update traitline.asset_status set status = 'running', run = $2::text, sequence = logged.sequence
  from logged where asset_status.asset_id = logged.asset_id
)
select
  (select coalesce(jsonb_agg(to_jsonb(ran)), '[]') from traitline.run_partition ran
    join items using (asset_id, partition)
    where ran.run = $2::text and ran.status not in ('planned', 'running')) as recorded,
  (select coalesce(jsonb_agg(jsonb_build_object('key', partition, 'code_version', code_version,
      'data_version', data_version, 'upstream', upstream, 'warehouse', warehouse, 'duration_ms', duration_ms,
      'failed_checks', failed_checks, 'last_attempt', last_attempt)), '[]')
    from traitline.asset_partition join items using (asset_id, partition)) as states`,
}

interface Answer {
  readonly recorded: readonly StoredPartitionOutcome[]
  readonly states: readonly StoredState[]
}

export async function startPartitions(
  { pool, scopes }: Database,
  input: StepInput,
  asset: AssetKey,
  partitions: readonly PartitionPlace[],
  attempt: number,
): Promise<{ readonly recorded: readonly AssetOutcome[]; readonly states: PartitionStates }> {
  const values = [await scopes.ensure(input), input.run, asset, input.step.id, attempt, toJson(partitions)]
  const [answer] = await pool.run<Answer>(statement, values)
  return {
    recorded: (answer?.recorded ?? []).map((row) => partitionOutcome(asset, row)),
    states: partitionStates(answer?.states ?? []),
  }
}

/** States by partition, read with the partition where an asset's have its key. */
export function partitionStates(rows: readonly StoredState[]): PartitionStates {
  return new Map(Object.entries(statesOf(rows, [])))
}
