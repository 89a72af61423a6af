import { sql } from 'kysely'
import type { AssetKey, AssetOutcome, Failure } from '../../contract/index.ts'
import { unknownAssets } from '../assets/register.ts'
import { written } from '../assets/outcomes.ts'
import type { Database, Db } from '../database/database.ts'
import { toJson } from '../database/json.ts'

/** Of a partition's row in a run, what its outcome is made of. */
export interface StoredPartitionOutcome {
  readonly partition: string
  readonly status: AssetOutcome['status']
  readonly failure: Failure | null
  readonly upstream: string | null
  readonly reason: string | null
  readonly rows: number | null
  readonly data_version: string | null
  readonly duration_ms: number | null
  readonly failed_checks: readonly string[]
}

export function partitionOutcome(asset: AssetKey, row: StoredPartitionOutcome): AssetOutcome {
  const { partition, status } = row
  switch (status) {
    case 'materialized':
      return {
        ...{ asset, partition, status, dataVersion: row.data_version!, rows: row.rows, summary: null },
        ...{ durationMs: row.duration_ms!, failedChecks: row.failed_checks },
      }
    case 'failed':
      return { asset, partition, status, failure: row.failure! }
    case 'upstream_failed':
      return { asset, partition, status, upstream: row.upstream as AssetKey, reason: row.reason! }
    case 'fresh':
    case 'cancelled':
      return { asset, partition, status }
  }
}

export async function readPartitionOutcomes(
  { db }: Database,
  run: string,
  asset: AssetKey,
  partitions: readonly string[],
): Promise<AssetOutcome[]> {
  const { rows } = await sql<StoredPartitionOutcome>`
    select partition, status, failure, upstream, reason, rows, data_version, duration_ms, failed_checks
    from traitline.run_partition
    where run = ${run}::text and partition = any(${partitions}::text[])
      and asset_id = (select asset.id from traitline.asset
        join traitline.run on run.scope_id = asset.scope_id where run.id = ${run}::text and asset.key = ${asset}::text)
      and status not in ('planned', 'running')`.execute(db)
  const found = new Map(rows.map((row) => [row.partition, row]))
  return partitions.flatMap((partition) => {
    const row = found.get(partition)
    return row === undefined ? [] : [partitionOutcome(asset, row)]
  })
}

/** As for assets, partition by partition: see `recordOutcomes` there. */
export async function recordPartitionOutcomes(
  db: Db,
  scopeId: number,
  run: string,
  outcomes: readonly AssetOutcome[],
): Promise<void> {
  const first = new Map<string, object>()
  for (const outcome of outcomes) {
    const id = `${outcome.asset}@${outcome.partition}`
    if (first.has(id)) continue
    const [row] = written(outcome)
    if (row)
      first.set(id, { ...row, partition: outcome.partition, data: { ...row.data, partition: outcome.partition } })
  }
  if (first.size === 0) return
  const { rows: found } = await sql<{ key: AssetKey }>`
    with new as materialized (
      select asset.id, new.* from jsonb_to_recordset(${toJson([...first.values()])}::jsonb)
        as new (asset text, partition text, status text, failure jsonb, upstream text, reason text, data jsonb)
      join traitline.asset on asset.scope_id = ${scopeId}::integer and asset.key = new.asset
    ), ran as (
      insert into traitline.run_partition (run, asset_id, partition, step, status, ended_at, failure, upstream, reason)
      select ${run}::text, id, partition, asset, status, clock_timestamp(), failure, upstream, reason from new
      order by id, partition collate "C"
      on conflict (run, asset_id, partition) do update
        set status = excluded.status, ended_at = excluded.ended_at, failure = excluded.failure,
          upstream = excluded.upstream, reason = excluded.reason
        where run_partition.status in ('planned', 'running')
      returning asset_id, partition, status, failure, started_at is not null as begun
    ), held as (
      update traitline.asset_partition
      set run = ${run}::text, failure = ran.failure,
        status = case
          when ran.status <> 'fresh' then ran.status when data_version is null then 'cancelled' else 'materialized'
        end,
        last_attempt = case when ran.status in ('failed', 'cancelled') then 'failed' else last_attempt end
      from ran
      where asset_partition.asset_id = ran.asset_id and asset_partition.partition = ran.partition
        and (ran.status <> 'cancelled' or ran.begun)
      returning 1
    ), logged as (
      insert into traitline.event (scope_id, run, asset_id, type, data)
      select ${scopeId}::integer, ${run}::text, ran.asset_id, 'asset_' || ran.status, new.data
      from ran join new on new.id = ran.asset_id and new.partition = ran.partition
      -- What locks partitions goes before the log's lock.
      where (select count(*) from held) >= 0
      order by ran.asset_id, ran.partition
      returning sequence, asset_id
    ), projected as (
      update traitline.asset_status
      set run = ${run}::text, sequence = last.sequence, failure = coalesce(last.failure, asset_status.failure),
        status = case when last.failed then 'failed' when data_version is null then 'never' else 'materialized' end
      from (
        select logged.asset_id, max(sequence) as sequence, bool_or(ran.status = 'failed') as failed,
          (array_agg(ran.failure) filter (where ran.status = 'failed'))[1] as failure
        from logged join ran using (asset_id) group by logged.asset_id
      ) last
      where asset_status.asset_id = last.asset_id
    )
    select asset as key from new`.execute(db)
  const known = new Set(found.map(({ key }) => key))
  const unknown = [...new Set(outcomes.map(({ asset }) => asset))].filter((key) => !known.has(key))
  if (found.length < first.size && unknown.length > 0) throw unknownAssets(unknown)
}
