import type { AssetKey, AssetOutcome, StepInput } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import type { Database } from '../database/database.ts'
import { toJson } from '../database/json.ts'
import type { NamedStatement } from '../database/pool.ts'
import { refreshCounts } from '../runs/counts.ts'
import { readPartitionOutcomes } from './outcomes.ts'
import type { PartitionMaterialization } from './types.ts'
import { resultColumns, resultsIn, resultValues } from '../checks/results-sql.ts'

/** All partitions of a step in one statement; each part takes its rows from the one before: see the store's words. */
const statement: NamedStatement = {
  name: 'traitline_record_partitions',
  text: `
with items as materialized (
  select asset.id as asset_id, new.*
  from traitline.asset
  cross join jsonb_to_recordset($6::jsonb) as new (partition text, position bigint, "codeVersion" text,
    "dataVersion" text, upstream jsonb, warehouse text, rows bigint, "startedAt" timestamptz,
    "durationMs" double precision, "failedChecks" jsonb, checks jsonb)
  where asset.scope_id = $1::integer and asset.key = $3::text
), ran as (
  insert into traitline.run_partition (run, asset_id, partition, step, status, attempt, started_at, ended_at, revision,
    code_version, data_version, upstream_versions, rows, duration_ms, failed_checks)
  select $2::text, asset_id, partition, $4::text, 'materialized', 1, "startedAt", clock_timestamp(), $5::integer,
    "codeVersion", "dataVersion", upstream, rows, "durationMs",
    array(select jsonb_array_elements_text("failedChecks"))
  from items order by partition collate "C"
  on conflict (run, asset_id, partition) do update
    set status = 'materialized', started_at = coalesce(run_partition.started_at, excluded.started_at),
      ended_at = excluded.ended_at, revision = excluded.revision, code_version = excluded.code_version,
      data_version = excluded.data_version, upstream_versions = excluded.upstream_versions, rows = excluded.rows,
      duration_ms = excluded.duration_ms, failed_checks = excluded.failed_checks,
      failure = null, upstream = null, reason = null
    where run_partition.status <> 'materialized'
  returning asset_id, partition, failed_checks
), made as (
  insert into traitline.asset_partition (asset_id, partition, position, status, last_attempt, run, made_run, data_version,
    code_version, upstream, warehouse, rows, failed_checks, materialized_at, duration_ms)
  select asset_id, partition, position, 'materialized', 'succeeded', $2::text, $2::text, "dataVersion", "codeVersion", upstream,
    warehouse, rows, failed_checks, clock_timestamp(), "durationMs"
  from items join ran using (asset_id, partition)
  order by partition collate "C"
  on conflict (asset_id, partition) do update
    set position = excluded.position, status = 'materialized', last_attempt = 'succeeded', run = excluded.run,
      made_run = excluded.made_run, data_version = excluded.data_version, code_version = excluded.code_version, upstream = excluded.upstream,
      warehouse = excluded.warehouse, rows = excluded.rows, failed_checks = excluded.failed_checks,
      materialized_at = excluded.materialized_at, duration_ms = excluded.duration_ms, failure = null
  returning asset_id, partition, position, rows, failed_checks, materialized_at
), checked as (
  insert into traitline.partition_check (asset_id, partition, run, position, made_run, ${resultColumns})
  select items.asset_id, items.partition, $2::text, new.position, $2::text, ${resultValues}
  from made join items using (asset_id, partition), ${resultsIn("coalesce(items.checks, '[]')")}
  on conflict do nothing
  returning asset_id, partition, position, name, severity, passed, failures, blocking
), logged as (
  insert into traitline.event (scope_id, run, asset_id, type, data)
  select $1::integer, $2::text, asset_id, type, data from (
    select made.asset_id, made.position, made.partition, 0 as place, 'asset_materialized' as type, jsonb_build_object(
      'step', $4::text, 'partition', made.partition, 'dataVersion', items."dataVersion", 'rows', made.rows,
      'durationMs', items."durationMs", 'failedChecks', made.failed_checks) as data
    from made join items using (asset_id, partition)
    union all
    select checked.asset_id, made.position, partition, checked.position, 'check_evaluated', jsonb_build_object(
      'partition', partition, 'name', name, 'severity', severity, 'passed', passed, 'failures', failures,
      'blocking', blocking)
    from checked join made using (asset_id, partition)
  ) happened
  order by position, partition, place
  returning sequence
), projected as (
  update traitline.asset_status
  set status = 'materialized', run = $2::text, last_attempt = 'succeeded', materialized_at = last.at,
    succeeded_at = last.at, changed_at = last.at, materialized_sequence = last.sequence,
    duration_ms = last.duration_ms, rows = last.rows, data_version = 'partitions', code_version = last.code_version,
    upstream = '{}', warehouse = last.warehouse, failed_checks = '{}', failure = null, sequence = last.sequence
  from (
    select made.asset_id, made.materialized_at as at, made.rows, items."codeVersion" as code_version, items.warehouse,
      items."durationMs" as duration_ms, (select max(sequence) from logged) as sequence
    from made join items using (asset_id, partition) order by made.position desc, made.partition desc limit 1
  ) last
  where asset_status.asset_id = last.asset_id
)
select
  exists (select 1 from traitline.asset where scope_id = $1::integer and key = $3::text) as known,
  exists (select 1 from ran) and
    exists (select 1 from traitline.run where id = $2::text and ended_at is not null) as late`,
}

export async function recordPartitions(
  database: Database,
  input: StepInput,
  asset: AssetKey,
  made: readonly PartitionMaterialization[],
): Promise<readonly AssetOutcome[]> {
  if (made.length === 0) return []
  const { db, pool, scopes } = database
  const values = [await scopes.ensure(input), input.run, asset, input.step.id, input.revision, toJson(made)]
  const [answer] = await pool.run<{ readonly known: boolean; readonly late: boolean }>(statement, values)
  if (!answer?.known) throw unknownAssets([asset])
  // The run was given up before its step was done: its counts were frozen without this.
  if (answer.late) await refreshCounts(db, input.run)
  return readPartitionOutcomes(
    database,
    input.run,
    asset,
    made.map(({ partition }) => partition),
  )
}
